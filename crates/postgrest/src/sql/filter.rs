//! Conditions.

use super::{Param, Place, Sql};
use crate::{
    plan::{Column, LogicTree, PlannedFilter, PlannedOrder},
    request::{
        Comparison, Connective, Direction, FtsOperator, IsValue, JsonKey, JsonStep, Nulls,
        Operation, Quantifier, SimpleOperator,
    },
};

impl Sql {
    pub(super) fn logic(&mut self, place: &Place, tree: &LogicTree) -> &mut Self {
        match tree {
            LogicTree::Filter(filter) => self.filter(place, filter),
            LogicTree::Embed { is_present, alias } => {
                self.ident(alias);
                self.word(if *is_present {
                    " IS DISTINCT FROM NULL"
                } else {
                    " IS NOT DISTINCT FROM NULL"
                })
            }
            LogicTree::Group { is_negated, connective, members } => {
                self.word(if *is_negated { "NOT (" } else { "(" });
                self.each(members, between(*connective), |sql, member| {
                    sql.logic(place, member);
                })
                .word(")")
            }
        }
    }

    /// A column or a way into its value, as a filter or an order uses it.
    pub(super) fn field(&mut self, place: &Place, column: &Column) -> &mut Self {
        let Some(language) = &column.vector else { return self.plain_field(place, column) };
        self.word("to_tsvector(").language(language.as_deref());
        self.plain_field(place, column).word(")")
    }

    fn plain_field(&mut self, place: &Place, column: &Column) -> &mut Self {
        if column.is_row {
            return self.place(place);
        }
        if column.path.is_empty() {
            return self.column(place, &column.name);
        }
        if column.becomes_json {
            self.word("to_jsonb(").column(place, &column.name).word(")");
        } else {
            self.column(place, &column.name);
        }
        self.path(&column.path)
    }

    fn path(&mut self, path: &[JsonStep]) -> &mut Self {
        for step in path {
            self.word(if step.as_text { "->>" } else { "->" });
            match &step.to {
                JsonKey::Member(member) => self.unknown(member.as_str()),
                JsonKey::Index(index) => self.unknown(index.as_str()).word("::int"),
            };
        }
        self
    }

    fn language(&mut self, language: Option<&str>) -> &mut Self {
        match language {
            Some(language) => self.unknown(language).word(", "),
            None => self,
        }
    }

    /// A value in the form that its column has.
    fn input(&mut self, column: &Column, text: &str) -> &mut Self {
        match &column.transform {
            Some(function) => self.catalog(function).word("(").unknown(text).word(")"),
            None => self.unknown(text),
        }
    }

    pub(super) fn filter(&mut self, place: &Place, filter: &PlannedFilter) -> &mut Self {
        let PlannedFilter { column, is_negated, operation } = filter;
        if *is_negated {
            self.word("NOT ");
        }
        self.field(place, column);
        match operation {
            Operation::Simple(operator, value) => self.word(simple(*operator)).input(column, value),
            Operation::Compare { comparison, quantifier, value } => {
                self.word(compared(*comparison));
                self.quantified(*quantifier, |sql| {
                    match comparison {
                        Comparison::Like | Comparison::ILike => {
                            sql.unknown(value.replace('*', "%"))
                        }
                        _ => sql.input(column, value),
                    };
                })
            }
            Operation::In(values) => self.among(column, values),
            Operation::Is(value) => self.word(is(*value)),
            Operation::IsDistinct(value) => self.word(" IS DISTINCT FROM ").unknown(value.as_str()),
            Operation::Fts { operator, language, value } => self
                .word(searched(*operator))
                .language(language.as_deref())
                .unknown(value.as_str())
                .word(")"),
        }
    }

    fn quantified(&mut self, by: Option<Quantifier>, value: impl FnOnce(&mut Self)) -> &mut Self {
        match by {
            None => {
                value(self);
                return self;
            }
            Some(Quantifier::Any) => self.word("ANY("),
            Some(Quantifier::All) => self.word("ALL("),
        };
        value(self);
        self.word(")")
    }

    /// One array is one value, however many there are.
    fn among(&mut self, column: &Column, values: &[String]) -> &mut Self {
        if values == [""] {
            return self.word(" = ANY('{}')");
        }
        let array = Param::Unknown(array_literal(values));
        match &column.transform {
            Some(function) => self
                .word(" = ANY (SELECT ")
                .catalog(function)
                .word("(unnest(")
                .value(array)
                .word("::text[])))"),
            None => self.word(" = ANY (").value(array).word(")"),
        }
    }

    pub(super) fn order(&mut self, place: &Place, order: &[PlannedOrder]) -> &mut Self {
        if order.is_empty() {
            return self;
        }
        self.word(" ORDER BY ").each(order, ", ", |sql, term| {
            let related = term.related.as_ref().map(|alias| Place::Alias(alias.clone()));
            sql.field(related.as_ref().unwrap_or(place), &term.column);
            sql.word(match term.direction {
                None => "",
                Some(Direction::Ascending) => " ASC",
                Some(Direction::Descending) => " DESC",
            });
            sql.word(match term.nulls {
                None => "",
                Some(Nulls::First) => " NULLS FIRST",
                Some(Nulls::Last) => " NULLS LAST",
            });
        })
    }
}

/// `{"a","b"}`, as PostgreSQL reads arrays.
pub(super) fn array_literal(values: &[String]) -> String {
    let quoted = values.iter().map(|value| {
        let value = value.split('\0').next().unwrap_or_default();
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    });
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

pub(super) fn between(connective: Connective) -> &'static str {
    match connective {
        Connective::And => " AND ",
        Connective::Or => " OR ",
    }
}

fn simple(operator: SimpleOperator) -> &'static str {
    match operator {
        SimpleOperator::NotEqual => " <> ",
        SimpleOperator::Contains => " @> ",
        SimpleOperator::Contained => " <@ ",
        SimpleOperator::Overlap => " && ",
        SimpleOperator::StrictlyLeft => " << ",
        SimpleOperator::StrictlyRight => " >> ",
        SimpleOperator::NotExtendsRight => " &< ",
        SimpleOperator::NotExtendsLeft => " &> ",
        SimpleOperator::Adjacent => " -|- ",
    }
}

fn compared(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => " = ",
        Comparison::GreaterOrEqual => " >= ",
        Comparison::Greater => " > ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Less => " < ",
        Comparison::Like => " like ",
        Comparison::ILike => " ilike ",
        Comparison::Match => " ~ ",
        Comparison::IMatch => " ~* ",
    }
}

fn is(value: IsValue) -> &'static str {
    match value {
        IsValue::Null => " IS NULL",
        IsValue::NotNull => " IS NOT NULL",
        IsValue::True => " IS TRUE",
        IsValue::False => " IS FALSE",
        IsValue::Unknown => " IS UNKNOWN",
    }
}

fn searched(operator: FtsOperator) -> &'static str {
    match operator {
        FtsOperator::Query => " @@ to_tsquery(",
        FtsOperator::Plain => " @@ plainto_tsquery(",
        FtsOperator::Phrase => " @@ phraseto_tsquery(",
        FtsOperator::Websearch => " @@ websearch_to_tsquery(",
    }
}

//! Columns with what the schema knows of them: their types, and how their values change form.

use crate::{
    request::{
        Aggregate, Connective, Direction, Field, Filter, JsonStep, Logic, Nulls, Operation,
        SelectedField,
    },
    schema::{self, SchemaCache},
};
use catalog::QualifiedName;

/// A column or a way into its value. It may be unknown: the database then knows better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) path: Vec<JsonStep>,
    /// A path leads into a value that is no JSON yet.
    pub(crate) becomes_json: bool,
    /// A text is searched in: it becomes a vector first, in this language where one is given.
    pub(crate) vector: Option<Option<String>>,
    /// The type as the catalog writes it; none where the column is unknown.
    pub(crate) type_name: Option<String>,
    /// A function of the catalog's that gives the value its outer or inner form.
    pub(crate) transform: Option<String>,
    pub(crate) default: Option<String>,
    /// Whether there is such a column; otherwise the name may be that of a function of the row.
    pub(crate) is_known: bool,
    /// The row as one value, instead of one of its columns.
    pub(crate) is_row: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedField {
    pub(crate) column: Column,
    pub(crate) alias: Option<String>,
    pub(crate) cast: Option<String>,
    pub(crate) aggregate: Option<Aggregate>,
    pub(crate) aggregate_cast: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LogicTree {
    Filter(PlannedFilter),
    /// Whether an embed has a row; by the alias of the join.
    Embed {
        is_present: bool,
        alias: String,
    },
    Group {
        is_negated: bool,
        connective: Connective,
        members: Vec<LogicTree>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedFilter {
    pub(crate) column: Column,
    pub(crate) is_negated: bool,
    pub(crate) operation: Operation,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlannedOrder {
    /// The alias of an embed whose column it is.
    pub(crate) related: Option<String>,
    pub(crate) column: Column,
    pub(crate) direction: Option<Direction>,
    pub(crate) nulls: Option<Nulls>,
}

impl Column {
    pub(crate) fn unknown(name: &str, path: &[JsonStep]) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_vec(),
            becomes_json: false,
            vector: None,
            type_name: None,
            transform: None,
            default: None,
            is_known: false,
            is_row: false,
        }
    }

    pub(crate) fn known(column: &schema::Column) -> Self {
        Self {
            type_name: Some(column.nominal_type.clone()),
            default: column.default.clone(),
            is_known: true,
            ..Self::unknown(column.name.as_str(), &[])
        }
    }

    pub(crate) fn is_star(&self) -> bool {
        self.name == "*" && self.path.is_empty()
    }
}

/// The columns of one relation, with the representations of their types.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'c> {
    cache: &'c SchemaCache,
    relation: Option<&'c schema::Relation>,
}

impl<'c> Columns<'c> {
    pub(crate) fn of(cache: &'c SchemaCache, name: &QualifiedName) -> Self {
        Self { cache, relation: cache.relation(name.schema.as_str(), name.name.as_str()) }
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.relation.is_some_and(|relation| relation.column(name).is_some())
    }

    fn resolved(self, field: &Field) -> Column {
        let known = self.relation.and_then(|relation| relation.column(&field.name));
        let column = known.map_or_else(|| Column::unknown(&field.name, &[]), Column::known);
        let is_json = matches!(column.type_name.as_deref(), Some("json" | "jsonb"));
        // A json column is not converted, or else its indexes would not be used.
        Column { path: field.path.clone(), becomes_json: !is_json, ..column }
    }

    fn transformed(self, column: Column, from: Option<&str>, to: Option<&str>) -> Column {
        let own = column.type_name.as_deref();
        let function = from.or(own).zip(to.or(own));
        let function = function.and_then(|(from, to)| self.cache.representation(from, to));
        match function {
            Some(function) => {
                let type_name = from.map(str::to_owned).or(column.type_name);
                Column { type_name, transform: Some(function.to_owned()), ..column }
            }
            None => column,
        }
    }

    /// As it comes out.
    pub(crate) fn output(self, field: &SelectedField) -> PlannedField {
        PlannedField {
            column: self.transformed(self.resolved(&field.field), None, Some("json")),
            alias: field.alias.clone(),
            cast: field.cast.clone(),
            aggregate: field.aggregate,
            aggregate_cast: field.aggregate_cast.clone(),
        }
    }

    /// All columns as they come out.
    pub(crate) fn all(self) -> Vec<Column> {
        let columns = self.relation.into_iter().flat_map(|relation| relation.columns.values());
        columns.map(|known| self.transformed(Column::known(known), None, Some("json"))).collect()
    }

    pub(crate) fn has_representations(self) -> bool {
        self.all().iter().any(|column| column.transform.is_some())
    }

    /// As a body gives it.
    pub(crate) fn input(self, known: &schema::Column) -> Column {
        self.transformed(Column::known(known), Some("json"), None)
    }

    /// As the address gives it.
    pub(crate) fn filter(self, filter: &Filter) -> PlannedFilter {
        let mut column = self.resolved(&filter.field);
        if let Operation::Fts { language, .. } = &filter.operation {
            let is_text = column.type_name.as_deref().is_some_and(|name| name != "tsvector");
            column.vector = is_text.then(|| language.clone());
        }
        let column = self.transformed(column, Some("text"), None);
        let operation = filter.operation.clone();
        PlannedFilter { column, is_negated: filter.is_negated, operation }
    }

    pub(crate) fn logic(self, logic: &Logic) -> LogicTree {
        match logic {
            Logic::Filter(filter) => LogicTree::Filter(self.filter(filter)),
            Logic::Group { is_negated, connective, members } => LogicTree::Group {
                is_negated: *is_negated,
                connective: *connective,
                members: members.iter().map(|member| self.logic(member)).collect(),
            },
        }
    }

    pub(crate) fn order(self, field: &Field) -> Column {
        self.resolved(field)
    }
}

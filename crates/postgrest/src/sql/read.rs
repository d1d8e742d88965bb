//! Reading a tree of relations: one select, and a lateral join for each embed.

use super::{Place, Sql};
use crate::{
    plan::{Column, Link, Output, PlannedField, ReadNode, Source},
    request::{Aggregate, Join, range::Range},
    schema::{Cardinality, Relationship},
};
use catalog::QualifiedName;

impl Sql {
    pub(super) fn read(&mut self, node: &ReadNode) -> &mut Self {
        let place = node.place();
        self.word("SELECT ").selected(node, &place);
        self.from(node);
        for child in &node.children {
            if let Some(link) = &child.link {
                self.join(child, link);
            }
        }
        self.conditions(node, &place).groups(node, &place);
        self.order(&place, &node.order).range(&node.range)
    }

    fn selected(&mut self, node: &ReadNode, place: &Place) -> &mut Self {
        let shown = |child: &&ReadNode| !child.is_empty() || is_spread(child);
        let mut is_first = true;
        let mut comma = |sql: &mut Self| {
            if !std::mem::take(&mut is_first) {
                sql.word(", ");
            }
        };
        for field in &node.select {
            comma(self);
            self.selected_field(place, field);
        }
        for child in node.children.iter().filter(shown) {
            let Some(link) = &child.link else { continue };
            if !link.is_spread {
                comma(self);
                self.embedded(node, link);
            }
            let passes_on = is_spread(node);
            for output in link.outputs.iter().filter(|_| link.is_spread) {
                comma(self);
                self.output(link, output, passes_on);
            }
        }
        // Rows without a column are counted all the same.
        if is_first && node.children.is_empty() {
            self.column(place, "*");
        }
        self
    }

    fn selected_field(&mut self, place: &Place, field: &PlannedField) {
        self.aggregated(field.aggregate, field.aggregate_cast.as_deref(), |sql| {
            sql.cast(field.cast.as_deref(), |sql| sql.shown(place, &field.column));
        });
        self.named(field.alias.as_deref());
    }

    /// In the form in which it leaves.
    fn shown(&mut self, place: &Place, column: &Column) {
        match &column.transform {
            Some(function) => {
                self.catalog(function).word("(").field(place, column).word(")");
            }
            None => {
                self.field(place, column);
            }
        }
    }

    fn aggregated(
        &mut self,
        aggregate: Option<Aggregate>,
        cast: Option<&str>,
        inner: impl FnOnce(&mut Self),
    ) {
        let Some(aggregate) = aggregate else { return inner(self) };
        self.cast(cast, |sql| {
            sql.word(match aggregate {
                Aggregate::Sum => "SUM(",
                Aggregate::Avg => "AVG(",
                Aggregate::Count => "COUNT(",
                Aggregate::Max => "MAX(",
                Aggregate::Min => "MIN(",
            });
            inner(sql);
            sql.word(")");
        });
    }

    fn named(&mut self, alias: Option<&str>) {
        if let Some(alias) = alias {
            self.word(" AS ").ident(alias);
        }
    }

    fn embedded(&mut self, node: &ReadNode, link: &Link) {
        let alias = &link.join_alias;
        if link.is_to_one() {
            self.word("row_to_json(").ident(alias).word(".*)");
        } else {
            self.word("COALESCE(").ident(alias).word(".").ident(alias).word(", '[]')");
        }
        // What is grouped by has to be comparable.
        if is_grouped(node) {
            self.word("::jsonb");
        }
        self.word(" AS ").ident(link.name());
    }

    /// A column of a spread embed. One that is spread itself leaves aggregates to its parent.
    fn output(&mut self, link: &Link, output: &Output, passes_on: bool) {
        let place = Place::Alias(link.join_alias.clone());
        if passes_on {
            self.column(&place, &output.name);
            return;
        }
        self.aggregated(output.aggregate, output.cast.as_deref(), |sql| {
            sql.column(&place, &output.name);
        });
        self.named(output.alias.as_deref());
    }

    pub(super) fn from(&mut self, node: &ReadNode) -> &mut Self {
        self.word(" FROM ");
        let relationship = node.link.as_ref().map(|link| (&link.relationship, &link.parent));
        match (relationship, &node.from) {
            (Some((Relationship::Computed { function, table, .. }, parent)), _) => {
                self.qualified(function)
                    .word("(")
                    .row(parent)
                    .word("::")
                    .qualified(table)
                    .word(")");
            }
            (_, Source::Relation(name)) => {
                self.source(name);
            }
            (_, Source::Answered) => {
                self.word("pgrst_source");
            }
        }
        let bare = match &node.from {
            Source::Relation(name) if self.is_bound(name) => Some(name.name.as_str()),
            Source::Relation(_) | Source::Answered => None,
        };
        self.named(node.alias.as_deref().or(bare));
        if let Some(junction) = relationship.and_then(|(relationship, _)| relationship.junction()) {
            self.word(", ").qualified(&junction.table);
        }
        self
    }

    /// The parent's row as one value, which no schema may stand before.
    fn row(&mut self, parent: &Place) -> &mut Self {
        match parent {
            Place::Relation(name) => self.ident(name.name.as_str()),
            Place::Alias(alias) => self.ident(alias),
        }
    }

    fn join(&mut self, child: &ReadNode, link: &Link) {
        let alias = &link.join_alias;
        let is_inner = link.join == Some(Join::Inner);
        self.word(if is_inner { " INNER JOIN LATERAL (" } else { " LEFT JOIN LATERAL (" });
        if link.is_to_one() {
            self.read(child);
        } else {
            self.word("SELECT json_agg(").ident(alias).word(") AS ").ident(alias);
            for output in link.outputs.iter().filter(|_| link.is_spread) {
                let place = Place::Alias(alias.clone());
                self.word(", COALESCE(json_agg(").column(&place, &output.name);
                self.word("), '[]') AS ").ident(&output.name);
            }
            self.word(" FROM (").read(child).word(") AS ").ident(alias);
        }
        self.word(") AS ").ident(alias).word(" ON ");
        if is_inner && !link.is_to_one() {
            self.ident(alias).word(" IS NOT NULL");
        } else {
            self.word("TRUE");
        }
    }

    fn conditions(&mut self, node: &ReadNode, place: &Place) -> &mut Self {
        let mut conjunction = " WHERE ";
        for filter in &node.filters {
            self.word(std::mem::replace(&mut conjunction, " AND ")).logic(place, filter);
        }
        for (one, other) in joined_by(node) {
            self.word(std::mem::replace(&mut conjunction, " AND "));
            self.column(&one.0, &one.1).word(" = ").column(&other.0, &other.1);
        }
        self
    }

    /// With aggregates, everything else that is shown makes the groups.
    fn groups(&mut self, node: &ReadNode, place: &Place) -> &mut Self {
        if !is_grouped(node) {
            return self;
        }
        let mut word = " GROUP BY ";
        for field in node.select.iter().filter(|field| field.aggregate.is_none()) {
            self.word(std::mem::replace(&mut word, ", "));
            match &field.alias {
                Some(alias) => self.ident(alias),
                None => self.field(place, &field.column),
            };
        }
        for link in node.children.iter().filter(|child| !child.is_empty()).filter_map(link_of) {
            if !link.is_spread {
                self.word(std::mem::replace(&mut word, ", ")).ident(link.name());
                continue;
            }
            for output in link.outputs.iter().filter(|output| output.aggregate.is_none()) {
                self.word(std::mem::replace(&mut word, ", "));
                self.column(&Place::Alias(link.join_alias.clone()), &output.name);
            }
        }
        self
    }

    /// As few values as possible: where the database cannot know how many rows are wanted of a
    /// statement, it plans it anew each time.
    pub(super) fn range(&mut self, range: &Range) -> &mut Self {
        if range.is_all() {
            return self;
        }
        match range.limit {
            Some(limit) if is_usual(limit) => self.word(" LIMIT ").number(limit),
            Some(limit) => self.word(" LIMIT ").unknown(limit.to_string()),
            None => self.word(" LIMIT ALL"),
        };
        match range.offset {
            0 => self,
            offset => self.word(" OFFSET ").unknown(offset.to_string()),
        }
    }
}

/// A number of rows that many requests ask for: few enough of them that each can have a statement of
/// its own.
fn is_usual(limit: i64) -> bool {
    (0..=100).contains(&limit) || (0..=10_000).contains(&limit) && limit % 100 == 0
}

fn link_of(node: &ReadNode) -> Option<&Link> {
    node.link.as_ref()
}

fn is_spread(node: &ReadNode) -> bool {
    link_of(node).is_some_and(|link| link.is_spread)
}

fn is_grouped(node: &ReadNode) -> bool {
    let own = node.select.iter().any(|field| field.aggregate.is_some());
    let spread = || {
        let links = node.children.iter().filter_map(link_of).filter(|link| link.is_spread);
        links.flat_map(|link| &link.outputs).any(|output| output.aggregate.is_some())
    };
    own || !is_spread(node) && spread()
}

type Side = (Place, String);

/// The pairs of columns that have to be equal.
pub(super) fn joined_by(node: &ReadNode) -> Vec<(Side, Side)> {
    let Some(link) = &node.link else { return Vec::new() };
    let Some(cardinality) = link.relationship.cardinality() else { return Vec::new() };
    let side = |place: &Place, name: &catalog::Ident| (place.clone(), name.as_str().to_owned());
    match cardinality {
        Cardinality::ManyToMany(junction) => {
            let middle = Place::Relation(junction.table.clone());
            let own = node.place();
            let targets = junction.target_columns.iter();
            let sources = junction.source_columns.iter();
            targets
                .map(|(target, between)| (side(&middle, between), side(&own, target)))
                .chain(
                    sources.map(|(source, between)| {
                        (side(&middle, between), side(&link.parent, source))
                    }),
                )
                .collect()
        }
        other => {
            let columns = other.key().map_or(&[][..], |key| key.columns.as_slice());
            let pair = |(parent, own): &(catalog::Ident, catalog::Ident)| {
                (side(&node.place(), own), side(&link.parent, parent))
            };
            columns.iter().map(pair).collect()
        }
    }
}

/// A relation outside of what is read.
pub(super) fn relation(name: &QualifiedName) -> Place {
    Place::Relation(name.clone())
}

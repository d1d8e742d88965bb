//! Relations that stand for tables of other names: read through a subquery that gives their columns
//! the names they have here, and written to under the names they have there.

use super::{Place, Sql};
use crate::schema::BoundTable;
use catalog::QualifiedName;

impl Sql {
    fn bound_table(&self, name: &QualifiedName) -> Option<BoundTable> {
        if self.bound.is_empty() { None } else { self.bound.get(name).cloned() }
    }

    /// Whether rows are read of this relation through a subquery, which needs a name.
    pub(super) fn is_bound(&self, name: &QualifiedName) -> bool {
        self.bound.contains_key(name)
    }

    /// The relation where rows are read from.
    pub(super) fn source(&mut self, name: &QualifiedName) -> &mut Self {
        let Some(BoundTable { table, columns }) = self.bound_table(name) else {
            return self.qualified(name);
        };
        self.word("(SELECT ").each(&columns, ", ", |sql, (own, there)| {
            sql.ident(there.as_str()).word(" AS ").ident(own.as_str());
        });
        self.word(" FROM ").qualified(&table).word(")")
    }

    /// The relation that is written to; until the end of the change its names are those of the table.
    pub(super) fn target(&mut self, name: &QualifiedName) -> &mut Self {
        self.writes = true;
        match self.bound_table(name) {
            Some(bound) => self.qualified(&bound.table),
            None => self.qualified(name),
        }
    }

    /// From here on, names are those that are seen.
    pub(super) fn written(&mut self) -> &mut Self {
        self.writes = false;
        self
    }

    /// What rows of the relation are called in the statement.
    pub(super) fn relation_place(&mut self, name: &QualifiedName) -> &mut Self {
        match self.bound_table(name) {
            None => self.qualified(name),
            Some(bound) if self.writes => self.qualified(&bound.table),
            Some(_) => self.ident(name.name.as_str()),
        }
    }

    pub(super) fn column_of(&mut self, place: &Place, column: &str) -> &mut Self {
        match place {
            Place::Relation(name) if self.writes => self.target_column(name, column),
            Place::Relation(_) | Place::Alias(_) => self.ident(column),
        }
    }

    /// A column of the relation that is written to.
    pub(super) fn target_column(&mut self, name: &QualifiedName, column: &str) -> &mut Self {
        match self.bound_table(name) {
            Some(bound) => self.ident(bound.column(column)),
            None => self.ident(column),
        }
    }

    /// A column of a changed row, under the name it has here.
    pub(super) fn returned(&mut self, name: &QualifiedName, column: &str) -> &mut Self {
        let place = Place::Relation(name.clone());
        let Some(bound) = self.bound_table(name) else { return self.column(&place, column) };
        if column != "*" {
            return self.column(&place, column).word(" AS ").ident(column);
        }
        self.each(&bound.columns, ", ", |sql, (own, _)| {
            sql.column(&place, own.as_str()).word(" AS ").ident(own.as_str());
        })
    }
}

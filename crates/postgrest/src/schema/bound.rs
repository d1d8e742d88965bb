//! Relations that stand for tables of other names, and schemas that are not shown.

use super::{Relation, Relationship, SchemaCache};
use catalog::{Ident, QualifiedName};
use std::{collections::BTreeMap, sync::Arc};

/// The table behind a relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundTable {
    pub table: QualifiedName,
    /// Names of the relation, each with the column it is in the table; in the relation's order.
    pub columns: Vec<(Ident, Ident)>,
}

/// Every relation that is no table, by its name.
pub(crate) type Bound = Arc<BTreeMap<QualifiedName, BoundTable>>;

impl BoundTable {
    pub(crate) fn column<'a>(&'a self, name: &'a str) -> &'a str {
        let mut columns = self.columns.iter();
        columns.find(|(own, _)| own.as_str() == name).map_or(name, |(_, there)| there.as_str())
    }
}

impl SchemaCache {
    /// The same without what is in schemas that are not shown, and with these relations in the place
    /// of tables of their names, which relate to each other and to nothing else.
    #[must_use]
    pub fn seen(
        &self,
        sees: impl Fn(&str) -> bool,
        relations: Vec<(Relation, BoundTable)>,
        relationships: Vec<Relationship>,
    ) -> Self {
        let mut seen = self.clone();
        for (schema, exposed) in &mut seen.schemas {
            if !sees(schema.as_str()) {
                exposed.relations.clear();
                exposed.relationships.clear();
                exposed.origins.clear();
                exposed.routines.clear();
            }
        }
        let taken: Vec<QualifiedName> =
            relations.iter().map(|(relation, _)| relation.name.clone()).collect();
        let is_shown = |name: &QualifiedName| sees(name.schema.as_str()) && !taken.contains(name);
        for exposed in seen.schemas.values_mut() {
            for all in exposed.relationships.values_mut() {
                all.retain(|one| leads_on(one, is_shown));
            }
        }
        let mut bound = BTreeMap::new();
        for (relation, table) in relations {
            if let Some(exposed) = seen.schemas.get_mut(&relation.name.schema) {
                bound.insert(relation.name.clone(), table);
                exposed.relations.insert(relation.name.name.clone(), relation);
            }
        }
        seen.add_relationships(relationships);
        seen.sort();
        seen.bound = Arc::new(bound);
        seen
    }
}

fn leads_on(one: &Relationship, is_shown: impl Fn(&QualifiedName) -> bool) -> bool {
    let between = one.junction().map(|junction| &junction.table);
    [one.table(), one.foreign_table()].into_iter().chain(between).all(is_shown)
}

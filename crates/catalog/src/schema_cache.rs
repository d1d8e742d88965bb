//! One client's schema at one moment, indexed for look-up.

use crate::{Binding, Ident, QualifiedName, Routine, Table};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnumType {
    pub name: QualifiedName,
    /// In sort order.
    pub values: Vec<String>,
}

/// Everything known about a client's relations. Immutable; a refresh makes a new one.
#[derive(Debug, Clone, Default)]
pub struct SchemaCache {
    /// The database's words for itself: `PostgreSQL 15.18`.
    pub server_version: String,
    search_path: Vec<String>,
    tables: BTreeMap<QualifiedName, Arc<Table>>,
    by_bare_name: HashMap<String, Vec<QualifiedName>>,
    enums: BTreeMap<QualifiedName, EnumType>,
    routines: BTreeMap<QualifiedName, Vec<Arc<Routine>>>,
    reaching: BTreeSet<QualifiedName>,
    bindings: BTreeMap<QualifiedName, Arc<Binding>>,
}

impl SchemaCache {
    /// `search_path` is the order in which a bare table name is looked for.
    pub fn new(
        server_version: String,
        search_path: Vec<String>,
        tables: Vec<Table>,
        enums: Vec<EnumType>,
    ) -> Self {
        let mut by_bare_name: HashMap<String, Vec<QualifiedName>> = HashMap::new();
        for table in &tables {
            let bare = table.name.name.as_str().to_owned();
            by_bare_name.entry(bare).or_default().push(table.name.clone());
        }
        Self {
            server_version,
            search_path,
            tables: tables.into_iter().map(|t| (t.name.clone(), Arc::new(t))).collect(),
            by_bare_name,
            enums: enums.into_iter().map(|e| (e.name.clone(), e)).collect(),
            routines: BTreeMap::new(),
            reaching: BTreeSet::new(),
            bindings: BTreeMap::new(),
        }
    }

    /// The same with these functions and procedures.
    pub fn with_routines(mut self, routines: Vec<Routine>) -> Self {
        for routine in routines {
            self.routines.entry(routine.name.clone()).or_default().push(Arc::new(routine));
        }
        self
    }

    /// The same, where a write to one of these tables may change any other: triggers, rewrite rules
    /// and inheritance do that.
    pub fn with_reaching(mut self, tables: impl IntoIterator<Item = QualifiedName>) -> Self {
        self.reaching.extend(tables);
        self
    }

    /// The same with other tables, some of which stand for others, and without what is kept of the
    /// schemas that are not seen.
    pub fn seen_as(
        &self,
        first: &str,
        tables: Vec<Table>,
        bindings: BTreeMap<QualifiedName, Arc<Binding>>,
        sees: impl Fn(&str) -> bool,
    ) -> Self {
        let mut search_path = vec![first.to_owned()];
        search_path.extend(self.search_path.iter().filter(|one| *one != first).cloned());
        let mut seen = Self::new(self.server_version.clone(), search_path, tables, Vec::new());
        let routines = self.routines.iter().filter(|(name, _)| sees(name.schema.as_str()));
        seen.routines = routines.map(|(name, all)| (name.clone(), all.clone())).collect();
        // A type may be of any schema and be the type of a column that is seen.
        seen.enums.clone_from(&self.enums);
        seen.reaching.clone_from(&self.reaching);
        seen.bindings = bindings;
        seen
    }

    /// What a table of this name stands for, when it is no table of the database.
    pub fn binding(&self, name: &QualifiedName) -> Option<&Arc<Binding>> {
        self.bindings.get(name)
    }

    pub fn bindings(&self) -> &BTreeMap<QualifiedName, Arc<Binding>> {
        &self.bindings
    }

    /// Whether a write to the table may change others, beside those that refer to it.
    pub fn reaches_others(&self, table: &QualifiedName) -> bool {
        self.reaching.contains(table)
    }

    /// Every overload of a function or procedure; none when there is no such name.
    pub fn routines(&self, schema: &str, name: &str) -> &[Arc<Routine>] {
        let (Ok(schema), Ok(name)) = (Ident::parse(schema), Ident::parse(name)) else {
            return &[];
        };
        self.routines.get(&QualifiedName::new(schema, name)).map_or(&[], Vec::as_slice)
    }

    pub fn all_routines(&self) -> impl Iterator<Item = &Arc<Routine>> {
        self.routines.values().flatten()
    }

    /// A table by schema and name; without a schema, the first on the search path.
    pub fn table(&self, schema: Option<&str>, name: &str) -> Option<&Arc<Table>> {
        let candidates = self.by_bare_name.get(name)?;
        let in_schema =
            |wanted: &str| candidates.iter().find(|found| found.schema.as_str() == wanted);
        let found = match schema {
            Some(schema) => in_schema(schema),
            None => self.search_path.iter().find_map(|schema| in_schema(schema)),
        }?;
        self.tables.get(found)
    }

    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values()
    }

    pub fn enum_type(&self, name: &QualifiedName) -> Option<&EnumType> {
        self.enums.get(name)
    }

    pub fn enums(&self) -> impl Iterator<Item = &EnumType> {
        self.enums.values()
    }

    pub fn search_path(&self) -> &[String] {
        &self.search_path
    }
}

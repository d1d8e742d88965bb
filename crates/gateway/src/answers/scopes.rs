//! What a read depends on, and what a write makes stale.

use api_types::ClientName;
use cache::Scope;
use catalog::{QualifiedName, SchemaCache, Table, TableKind};
use std::collections::{BTreeMap, BTreeSet};

/// For each table, the tables whose rows may change with its own: those that refer to it, and so on.
#[derive(Debug, Default)]
pub(crate) struct Cascades {
    after: BTreeMap<QualifiedName, Vec<QualifiedName>>,
    /// Where a trigger or a rule may write anywhere.
    reaching: BTreeSet<QualifiedName>,
}

impl Cascades {
    pub(crate) fn of(cache: &SchemaCache) -> Self {
        let mut referring: BTreeMap<&QualifiedName, BTreeSet<&QualifiedName>> = BTreeMap::new();
        for table in cache.tables() {
            for key in &table.foreign_keys {
                referring.entry(&key.target).or_default().insert(&table.name);
            }
        }
        let after = referring.keys().map(|start| {
            let mut seen = BTreeSet::from([*start]);
            let mut next = vec![*start];
            while let Some(table) = next.pop() {
                let further = referring.get(table).into_iter().flatten();
                next.extend(further.filter(|found| seen.insert(found)));
            }
            seen.remove(start);
            ((*start).clone(), seen.into_iter().cloned().collect())
        });
        let after = after.collect();
        let names = cache.tables().map(|table| &table.name);
        let reaching = names.filter(|name| cache.reaches_others(name)).cloned().collect();
        Self { after, reaching }
    }

    fn after(&self, table: &QualifiedName) -> &[QualifiedName] {
        self.after.get(table).map_or(&[], Vec::as_slice)
    }

    /// Whether what a write to the table changes is known: rows of its own, and of those that refer
    /// to it.
    pub(crate) fn contain(&self, table: &Table) -> bool {
        let mut written = std::iter::once(&table.name).chain(self.after(&table.name));
        table.kind == TableKind::Table && !written.any(|name| self.reaching.contains(name))
    }
}

/// A plain table is itself alone. What a view shows, a partition holds or a policy looks at may be
/// in any table of the client.
pub(crate) fn read_scopes(client: &ClientName, table: &Table) -> Vec<Scope> {
    let own = Scope::table(client, &table.name);
    if table.kind == TableKind::Table && !table.row_security {
        vec![own]
    } else {
        vec![own, Scope::any_table(client)]
    }
}

pub(crate) fn write_scopes(client: &ClientName, table: &Table, cascades: &Cascades) -> Vec<Scope> {
    if !cascades.contain(table) {
        return vec![Scope::client(client)];
    }
    let mut scopes = vec![Scope::table(client, &table.name), Scope::any_table(client)];
    scopes.extend(cascades.after(&table.name).iter().map(|name| Scope::table(client, name)));
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{ForeignKey, Ident};

    fn name(name: &str) -> QualifiedName {
        QualifiedName::new(Ident::parse("public").unwrap(), Ident::parse(name).unwrap())
    }

    fn table(own: &str, kind: TableKind, refers_to: &[&str]) -> Table {
        let key = |target: &&str| ForeignKey {
            name: Ident::parse("fk").unwrap(),
            columns: Vec::new(),
            target: name(target),
            target_columns: Vec::new(),
        };
        Table {
            name: name(own),
            kind,
            columns: Vec::new(),
            primary_key: Vec::new(),
            unique_keys: Vec::new(),
            foreign_keys: refers_to.iter().map(key).collect(),
            estimated_rows: None,
            comment: None,
            row_security: false,
        }
    }

    fn is_stale(written: &str, read: &str, tables: &[Table]) -> bool {
        is_stale_with(written, read, tables, &[])
    }

    fn is_stale_with(written: &str, read: &str, tables: &[Table], reaching: &[&str]) -> bool {
        let client = ClientName::parse("shop").unwrap();
        let cache = SchemaCache::new(String::new(), Vec::new(), tables.to_vec(), Vec::new())
            .with_reaching(reaching.iter().copied().map(name));
        let cascades = Cascades::of(&cache);
        let find = |wanted: &str| tables.iter().find(|table| table.name == name(wanted)).unwrap();
        let written = write_scopes(&client, find(written), &cascades);
        let mut depends = read_scopes(&client, find(read));
        // Every look-up depends on its client.
        depends.push(Scope::client(&client));
        written.iter().any(|scope| depends.contains(scope))
    }

    #[test]
    fn a_write_makes_stale_what_cascades_reach_and_what_may_show_it() {
        let tables = [
            table("companies", TableKind::Table, &[]),
            table("invoices", TableKind::Table, &["companies"]),
            table("lines", TableKind::Table, &["invoices", "lines"]),
            table("countries", TableKind::Table, &[]),
            table("totals", TableKind::View, &[]),
        ];
        for stale in ["companies", "invoices", "lines", "totals"] {
            assert!(is_stale("companies", stale, &tables), "{stale}");
        }
        assert!(!is_stale("companies", "countries", &tables));
        assert!(!is_stale("lines", "companies", &tables));
        assert!(is_stale("totals", "countries", &tables), "a view may write any table");
    }

    #[test]
    fn a_trigger_may_write_anywhere_also_when_a_cascade_fires_it() {
        let tables = [
            table("companies", TableKind::Table, &[]),
            table("invoices", TableKind::Table, &["companies"]),
            table("countries", TableKind::Table, &[]),
        ];
        assert!(is_stale_with("invoices", "countries", &tables, &["invoices"]));
        assert!(is_stale_with("companies", "countries", &tables, &["invoices"]));
        assert!(!is_stale_with("countries", "companies", &tables, &["invoices"]));
    }

    #[test]
    fn a_policy_may_look_at_any_table() {
        let guarded = Table { row_security: true, ..table("guarded", TableKind::Table, &[]) };
        let tables = [guarded, table("members", TableKind::Table, &[])];
        assert!(is_stale("members", "guarded", &tables));
        assert!(!is_stale("guarded", "members", &tables));
    }
}

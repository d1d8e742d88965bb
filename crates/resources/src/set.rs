//! All resources of one client, from snapshot, database and configuration together.

mod apply;

use crate::{
    ConfigProblem, ResourcesConfig, category, derive,
    facts::{self, TableFacts},
    resource::{RelatedSpec, Resource},
    route::ResourceRoute,
    snapshot::Snapshot,
    words,
};
use api_types::{
    ClientName,
    console::{
        ClientSummary, FieldType, NavCategory, NavResource, Navigation, ReferenceSpec,
        ResourceKind, ResourceSpec,
    },
};
use catalog::{Ident, QualifiedName, SchemaCache};
use indexmap::IndexMap;
use std::collections::HashMap;

/// Resources by their URL segment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResourceSet {
    resources: IndexMap<String, Resource>,
}

/// A table of a schema, by both names.
type TableKey = (String, String);

impl ResourceSet {
    /// Build every table's resource. The set is whole even when there are problems: what does
    /// not fit is left at its derived value, and told.
    pub fn build(
        client: &ClientName,
        snapshot: &Snapshot,
        live: Option<&SchemaCache>,
        config: Option<&ResourcesConfig>,
    ) -> (Self, Vec<ConfigProblem>) {
        let mut problems = config.map(|config| config.problems.clone()).unwrap_or_default();
        let tables = facts::gather(snapshot, live, &mut problems);
        let routes = config.map(|config| config.routes_of(client)).unwrap_or_default();
        let routes = apply::by_table(&routes, &tables, &mut problems);
        let keys = url_segments(&tables, &routes, &mut problems);
        let categories = category::categories(&tables);
        let mut resources = IndexMap::new();
        for (table, category) in tables.iter().zip(&categories) {
            match resource(client, table, category, &keys) {
                Ok(mut resource) => {
                    if let Some(route) = routes.get(&table_key(table)) {
                        apply::apply(route, table, &mut resource, &mut problems);
                    }
                    resources.insert(resource.spec.key.clone(), resource);
                }
                Err(problem) => problems.push(problem),
            }
        }
        link(&mut resources, &tables, &keys);
        (Self { resources }, problems)
    }

    /// A resource by its URL segment.
    pub fn get(&self, key: &str) -> Option<&Resource> {
        self.resources.get(key)
    }

    /// The page of a table.
    pub fn of_table(&self, schema: &str, table: &str) -> Option<&Resource> {
        let is_it = |found: &&Resource| found.spec.schema == schema && found.spec.table == table;
        self.resources.values().find(is_it)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    pub fn len(&self) -> usize {
        self.resources.len()
    }

    pub fn is_empty(&self) -> bool {
        self.resources.is_empty()
    }

    /// The categories of the left navigation, in the order of their first table, views last.
    pub fn categories(&self) -> Vec<NavCategory> {
        let mut found: IndexMap<&str, Vec<NavResource>> = IndexMap::new();
        for resource in self.resources.values() {
            let spec = &resource.spec;
            found.entry(spec.category.as_str()).or_default().push(NavResource {
                key: spec.key.clone(),
                label: spec.label.clone(),
                icon: spec.icon.clone(),
                estimated_rows: resource.estimated_rows,
                kind: spec.kind,
            });
        }
        let mut categories: Vec<_> = found
            .into_iter()
            .map(|(label, mut resources)| {
                resources.sort_by(|a, b| a.label.cmp(&b.label));
                NavCategory { label: label.to_owned(), resources }
            })
            .collect();
        categories.sort_by_key(|category| match category.label.as_str() {
            category::VIEWS => 2,
            category::GENERAL => 1,
            _ => 0,
        });
        categories
    }

    pub fn navigation(&self, client: ClientSummary) -> Navigation {
        Navigation { client, categories: self.categories() }
    }
}

fn table_key(table: &TableFacts) -> TableKey {
    (table.schema.clone(), table.name.clone())
}

/// A segment for each table: its configured path, else its name, with the schema when not public.
fn url_segments(
    tables: &[TableFacts],
    routes: &HashMap<TableKey, ResourceRoute>,
    problems: &mut Vec<ConfigProblem>,
) -> HashMap<TableKey, String> {
    let mut taken: HashMap<String, TableKey> = HashMap::new();
    let mut segments = HashMap::new();
    // Configured paths choose first, so that no table's own name can take one away.
    let (configured, plain): (Vec<_>, Vec<_>) = tables
        .iter()
        .partition(|table| routes.get(&table_key(table)).is_some_and(|r| r.path.is_some()));
    for table in configured.into_iter().chain(plain) {
        let own = match table.schema.as_str() {
            "public" => table.name.clone(),
            schema => format!("{schema}.{}", table.name),
        };
        let path = routes.get(&table_key(table)).and_then(|route| route.path.as_ref());
        let mut segment = own.clone();
        if let Some(path) = path {
            let wanted = path.text.trim_matches('/');
            if wanted.is_empty() || wanted.contains(['/', '?', '#']) {
                let message = format!("path {:?} is not one segment of a URL", path.text);
                problems.push(ConfigProblem::new(message).at(path.place));
            } else if let Some((schema, name)) = taken.get(wanted) {
                let message = format!("path {wanted:?} already leads to {schema}.{name}");
                problems.push(ConfigProblem::new(message).at(path.place));
            } else {
                wanted.clone_into(&mut segment);
            }
        }
        // Only odd names meet here, such as a table "a.b" in public and "b" in schema a.
        while taken.contains_key(&segment) {
            segment.push('~');
        }
        taken.insert(segment.clone(), table_key(table));
        segments.insert(table_key(table), segment);
    }
    segments
}

fn resource(
    client: &ClientName,
    table: &TableFacts,
    category: &str,
    keys: &HashMap<TableKey, String>,
) -> Result<Resource, ConfigProblem> {
    let ident = |name: &str| {
        Ident::parse(name).map_err(|error| {
            let place = format!("{}.{}", table.schema, table.name);
            ConfigProblem::new(format!("{place} cannot have a page: {error}"))
        })
    };
    let qualified = QualifiedName::new(ident(&table.schema)?, ident(&table.name)?);
    let id = derive::id_columns(table);
    let label_column = derive::label_column(table, &id);
    let visible = derive::visible(table, &id, label_column.as_deref());
    let mut columns: Vec<_> =
        table.columns.iter().map(|facts| derive::column(facts, table, &id)).collect();
    for column in &mut columns {
        column.visible = visible.contains(&column.name);
    }
    let label = words::label(&table.name);
    let read_only = if table.is_view {
        Some("A view shows rows of other tables; change them there.".to_owned())
    } else if id.is_empty() {
        Some("The table has no key, so one row cannot be told from another.".to_owned())
    } else {
        None
    };
    let writable = |column: &&api_types::console::ColumnSpec| column.read_only.is_none();
    let editable = columns.iter().filter(writable).filter(|column| !column.is_key);
    let editable = editable.map(|column| column.name.clone()).collect::<Vec<_>>();
    let create_fields: Vec<_> = if read_only.is_some() {
        Vec::new()
    } else {
        columns.iter().filter(writable).map(|column| column.name.clone()).collect()
    };
    Ok(Resource {
        table: qualified,
        summary: Vec::new(),
        sections: derive::sections(&columns),
        related: Vec::new(),
        editable: if read_only.is_some() { Vec::new() } else { editable },
        create_fields,
        create_defaults: IndexMap::new(),
        estimated_rows: table.estimated_rows,
        spec: ResourceSpec {
            client: client.clone(),
            key: keys.get(&table_key(table)).cloned().unwrap_or_else(|| table.name.clone()),
            singular: words::singular(&label),
            label,
            schema: table.schema.clone(),
            table: table.name.clone(),
            category: category.to_owned(),
            icon: None,
            kind: if table.is_view { ResourceKind::View } else { ResourceKind::Table },
            id_columns: id,
            // A row that could never be opened again is not made here.
            can_create: read_only.is_none(),
            read_only,
            search_by: derive::search_by(table, label_column.as_deref()),
            columns,
        },
        label_column,
    })
}

/// Draw the lines between resources once all of them exist.
fn link(
    resources: &mut IndexMap<String, Resource>,
    tables: &[TableFacts],
    keys: &HashMap<TableKey, String>,
) {
    let shown: HashMap<String, (String, Option<String>)> = resources
        .iter()
        .map(|(key, found)| (key.clone(), (found.spec.label.clone(), found.label_column.clone())))
        .collect();
    let mut related: HashMap<String, Vec<RelatedSpec>> = HashMap::new();
    for table in tables {
        let Some(key) = keys.get(&table_key(table)) else { continue };
        let Some(resource) = resources.get_mut(key) else { continue };
        for column in &mut resource.spec.columns {
            let Some(foreign) = derive::foreign_key(table, &column.name) else { continue };
            let target = (foreign.target_schema.clone(), foreign.target_table.clone());
            let target_key = keys.get(&target).filter(|key| shown.contains_key(*key));
            let value_column = foreign.target_columns[0].clone();
            let (label, label_column) = match target_key.and_then(|key| shown.get(key)) {
                Some((label, column)) => (label.clone(), column.clone()),
                None => (words::label(&foreign.target_table), None),
            };
            if let Some(target_key) = target_key {
                related.entry(target_key.clone()).or_default().push(RelatedSpec {
                    resource: key.clone(),
                    title: words::plural(&resource.spec.label),
                    column: column.name.clone(),
                    value_column: value_column.clone(),
                });
            }
            if column.field_type != FieldType::ReadOnly && column.options.is_empty() {
                column.field_type = FieldType::Select;
            }
            if let Some(stem) = column.name.strip_suffix("_id").filter(|stem| !stem.is_empty())
                && column.label == words::label(&column.name)
            {
                column.label = words::label(stem);
            }
            column.reference = Some(ReferenceSpec {
                resource: target_key.cloned(),
                resource_label: words::singular(&label),
                label_column: label_column.unwrap_or_else(|| value_column.clone()),
                value_column,
            });
        }
    }
    for resource in resources.values_mut() {
        let spec = &resource.spec;
        resource.summary = derive::summary(&spec.columns, resource.label_column.as_deref());
        resource.related = related.remove(&spec.key).unwrap_or_default();
        tell_apart(&mut resource.related);
    }
}

/// Two lists of one table are told apart by the column they hang on.
fn tell_apart(related: &mut [RelatedSpec]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for list in related.iter() {
        *counts.entry(list.resource.clone()).or_default() += 1;
    }
    for list in related.iter_mut().filter(|list| counts[&list.resource] > 1) {
        let stem = list.column.strip_suffix("_id").unwrap_or(&list.column);
        list.title = format!("{} ({})", list.title, words::label(stem).to_lowercase());
    }
}

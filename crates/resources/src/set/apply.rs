//! A route laid over what was derived: configured wins, and what does not fit is told.

use super::{TableKey, table_key};
use crate::{
    ConfigProblem,
    facts::TableFacts,
    resource::Resource,
    route::{CreateRoute, EditRoute, Named, ResourceRoute, RouteColumn},
    words,
};
use api_types::console::{ColumnSpec, Section};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// Find each route's table; a route without one is a problem.
pub(super) fn by_table(
    routes: &IndexMap<&str, &ResourceRoute>,
    tables: &[TableFacts],
    problems: &mut Vec<ConfigProblem>,
) -> HashMap<TableKey, ResourceRoute> {
    let mut found = HashMap::new();
    for (name, route) in routes {
        let wanted = route.table.clone().unwrap_or_else(|| (*name).into());
        match table_of(&wanted, route.schema.as_ref(), tables) {
            Some(table) => {
                let mut route = (*route).clone();
                // A name that is not the table's is the URL people expect.
                if route.path.is_none() && *name != table.name {
                    route.path = Some(Named { text: (*name).to_owned(), place: wanted.place });
                }
                if found.insert(table_key(table), route).is_some() {
                    let message = format!("table {:?} has two resources", wanted.text);
                    problems.push(ConfigProblem::new(message).at(wanted.place));
                }
            }
            None => {
                let known = tables.iter().map(|table| table.name.as_str());
                let message = format!("there is no table {:?}", wanted.text);
                problems
                    .push(ConfigProblem::new(message).at(wanted.place).near(&wanted.text, known));
            }
        }
    }
    found
}

/// A table by `name` or `schema.name`; the route's schema decides when it is given.
fn table_of<'a>(
    wanted: &Named,
    schema: Option<&Named>,
    tables: &'a [TableFacts],
) -> Option<&'a TableFacts> {
    let find = |schema: &str, name: &str| tables.iter().find(|table| table.key() == (schema, name));
    let name = wanted.text.as_str();
    if let Some(schema) = schema {
        return find(&schema.text, name);
    }
    find("public", name)
        .or_else(|| name.split_once('.').and_then(|(schema, name)| find(schema, name)))
}

pub(super) fn apply(
    route: &ResourceRoute,
    table: &TableFacts,
    resource: &mut Resource,
    problems: &mut Vec<ConfigProblem>,
) {
    let mut check = Check { table, problems };
    if let Some(label) = &route.page_label {
        resource.spec.label.clone_from(label);
        resource.spec.singular = words::singular(label);
    }
    if route.icon.is_some() {
        resource.spec.icon.clone_from(&route.icon);
    }
    if let Some(category) = &route.category {
        resource.spec.category.clone_from(category);
    }
    check.id(&route.id_columns, resource);
    if let Some(columns) = &route.columns {
        check.columns(columns, resource);
        sections(columns, &route.categories, resource);
    }
    match (&route.search_by, route.enable_search) {
        (_, Some(false)) => resource.spec.search_by.clear(),
        (Some(wanted), _) => resource.spec.search_by = check.known(wanted),
        (None, _) => {}
    }
    check.create(route, resource);
    check.edit(&route.edit, resource);
    refuse_the_rest(resource);
}

struct Check<'a> {
    table: &'a TableFacts,
    problems: &'a mut Vec<ConfigProblem>,
}

impl Check<'_> {
    fn tell(&mut self, message: String, name: &Named) {
        self.problems.push(ConfigProblem::new(message).at(name.place));
    }

    /// The names that are columns; the others are told.
    fn known(&mut self, names: &[Named]) -> Vec<String> {
        let mut found = Vec::new();
        for name in names {
            if self.table.column(&name.text).is_some() {
                if !found.contains(&name.text) {
                    found.push(name.text.clone());
                }
                continue;
            }
            let columns = self.table.columns.iter().map(|column| column.name.as_str());
            let message = format!("table {} has no column {:?}", self.table.name, name.text);
            let problem = ConfigProblem::new(message).at(name.place).near(&name.text, columns);
            self.problems.push(problem);
        }
        found
    }

    fn id(&mut self, wanted: &[Named], resource: &mut Resource) {
        let (Some(first), id) = (wanted.first(), self.known(wanted)) else { return };
        if id.len() < wanted.len() {
            return;
        }
        let names: HashSet<&String> = id.iter().collect();
        let holds = |key: &Vec<String>| !key.is_empty() && key.iter().all(|c| names.contains(c));
        let is_unique = holds(&self.table.key) || self.table.uniques.iter().any(holds);
        if !is_unique && !self.table.is_view {
            let names = id.join(", ");
            let message = format!("{names} does not name one row of {}", self.table.name);
            return self.tell(message, first);
        }
        for column in &mut resource.spec.columns {
            column.is_key = id.contains(&column.name);
        }
        resource.editable.retain(|column| !id.contains(column));
        resource.spec.id_columns = id;
    }

    fn columns(&mut self, wanted: &[RouteColumn], resource: &mut Resource) {
        let names: Vec<Named> = wanted.iter().map(|column| column.name.clone()).collect();
        let known = self.known(&names);
        let place = |column: &ColumnSpec| {
            known.iter().position(|name| *name == column.name).unwrap_or(known.len())
        };
        for column in &mut resource.spec.columns {
            let route = wanted.iter().find(|route| route.name.text == column.name);
            column.visible = route.is_some_and(|route| !route.hidden);
            if let Some(label) = route.and_then(|route| route.label.clone()) {
                column.label = label;
            }
        }
        // Stable, so what the route does not name keeps the table's order behind.
        resource.spec.columns.sort_by_key(place);
    }

    fn create(&mut self, route: &ResourceRoute, resource: &mut Resource) {
        let is_wanted = route.enable_new.unwrap_or(route.create.is_some());
        resource.spec.can_create = resource.spec.can_create && is_wanted;
        if !resource.spec.can_create {
            resource.create_fields.clear();
            return;
        }
        let Some(create) = &route.create else { return };
        self.create_fields(create, resource);
        for (name, value) in create.default_values.values() {
            if !self.known(std::slice::from_ref(name)).is_empty() {
                resource.create_defaults.insert(name.text.clone(), value.clone());
            }
        }
        for column in &resource.spec.columns {
            let is_filled = resource.create_fields.contains(&column.name)
                || resource.create_defaults.contains_key(&column.name);
            if column.required && !is_filled {
                let message = format!(
                    "new rows of {} need {}, which the create form leaves out",
                    self.table.name, column.name
                );
                self.problems.push(ConfigProblem::new(message));
            }
        }
    }

    fn create_fields(&mut self, create: &CreateRoute, resource: &mut Resource) {
        let required = self.known(&create.required);
        let fields = match (&create.columns, &create.optional) {
            (Some(columns), _) => self.known(columns),
            (None, None) if required.is_empty() => resource.create_fields.clone(),
            (None, optional) => {
                let mut fields = required.clone();
                let optional = self.known(optional.as_deref().unwrap_or_default());
                fields.extend(optional.into_iter().filter(|name| !required.contains(name)));
                fields
            }
        };
        for name in &fields {
            let column = resource.spec.columns.iter().find(|column| column.name == *name);
            if let Some(reason) = column.and_then(|column| column.read_only.as_deref()) {
                let message =
                    format!("{name} of {} cannot be filled in: {reason}", self.table.name);
                self.problems.push(ConfigProblem::new(message));
            }
        }
        resource.create_fields.retain(|name| fields.contains(name));
        let place = |name: &String| fields.iter().position(|field| field == name);
        resource.create_fields.sort_by_key(place);
        for column in &mut resource.spec.columns {
            column.required |= required.contains(&column.name);
        }
    }

    fn edit(&mut self, edit: &EditRoute, resource: &mut Resource) {
        let denied = self.known(&edit.denied);
        let allowed = edit.allowed.as_deref().map(|names| self.known(names));
        if edit.enabled == Some(false) {
            resource.editable.clear();
        }
        resource.editable.retain(|name| {
            !denied.contains(name) && allowed.as_ref().is_none_or(|allowed| allowed.contains(name))
        });
    }
}

/// What can neither be edited nor filled in on create says so.
fn refuse_the_rest(resource: &mut Resource) {
    for column in &mut resource.spec.columns {
        let is_writable = resource.editable.contains(&column.name)
            || resource.create_fields.contains(&column.name);
        if !is_writable && !column.is_key && column.read_only.is_none() {
            column.read_only = Some("Editing is switched off for this column.".to_owned());
        }
    }
}

/// Named sections, in the route's order; what names none stays where it was.
fn sections(columns: &[RouteColumn], order: &[String], resource: &mut Resource) {
    let mut named: IndexMap<String, Vec<String>> =
        order.iter().map(|title| (title.clone(), Vec::new())).collect();
    for column in columns {
        let Some(title) = &column.category else { continue };
        if resource.spec.columns.iter().any(|known| known.name == column.name.text) {
            named.entry(title.clone()).or_default().push(column.name.text.clone());
        }
    }
    for section in &mut resource.sections {
        section.columns.retain(|name| !named.values().flatten().any(|taken| taken == name));
    }
    for (title, columns) in named {
        match resource.sections.iter_mut().find(|section| section.title == title) {
            Some(section) => section.columns.extend(columns),
            None => resource.sections.push(Section { title, columns }),
        }
    }
    resource.sections.retain(|section| !section.columns.is_empty());
}

//! One route of `resources.yaml`.

use super::node::{Fields, Kind, Node};
use crate::{
    problem::ConfigProblem,
    route::{CreateRoute, EditRoute, Named, ResourceRoute, RouteColumn},
};
use indexmap::IndexMap;

const ROUTE_KEYS: [&str; 15] = [
    "table",
    "drizzleTable",
    "schema",
    "idColumn",
    "path",
    "page_label",
    "icon",
    "category",
    "categories",
    "columns",
    "searchBy",
    "enableSearch",
    "enableNewResourceCreation",
    "edit",
    "create",
];
/// Known to the format, without effect so far; saying so beats silence.
const WAITING: [&str; 21] = [
    "sidebar_route",
    "avatar_column",
    "forceWrappingHeaderLabels",
    "filterableColumnBlacklist",
    "disableCompanyFilter",
    "companyIdColumn",
    "force_no_cache",
    "force_external_api_updates",
    "permanent_edit_state",
    "force_remove_back_button_store_on_index_resource",
    "newResourceButtonText",
    "newResourceHref",
    "rowActions",
    "drilldownRoutePrefix",
    "drilldownHref",
    "drilldown",
    "deferToHeader",
    "deferTitleToHeader",
    "deferSubtitleToHeader",
    "deferNewButtonToHeader",
    "chat",
];
const COLUMN_KEYS: [&str; 6] =
    ["column_name", "label", "header_label", "header", "hidden", "category"];
const COLUMN_WAITING: [&str; 19] = [
    "order",
    "minWidth",
    "maxWidth",
    "widthFit",
    "href",
    "cell_value_mask_label",
    "formatter",
    "use",
    "data_type",
    "field_type",
    "options",
    "data_source",
    "editor",
    "editable",
    "update_table",
    "update_id_column",
    "update_column",
    "nullable",
    "default_value",
];

pub(super) fn routes(
    node: &Node,
    problems: &mut Vec<ConfigProblem>,
) -> IndexMap<String, ResourceRoute> {
    let mut routes = IndexMap::new();
    for (name, node) in node.entries("resources", problems) {
        if let Some(route) = route(name, node, problems) {
            routes.insert(name.text.to_lowercase(), route);
        }
    }
    routes
}

fn route(name: &Named, node: &Node, problems: &mut Vec<ConfigProblem>) -> Option<ResourceRoute> {
    let mut fields = Fields::of(node, &format!("resource {}", name.text), problems)?;
    let table = fields.text("table", problems);
    let alias = fields.text("drizzleTable", problems);
    let plain = |named: Named| named.text;
    let route = ResourceRoute {
        table: Some(table.or(alias).unwrap_or_else(|| name.clone())),
        schema: fields.text("schema", problems),
        id_columns: fields.texts("idColumn", problems).unwrap_or_default(),
        path: fields.text("path", problems),
        page_label: fields.text("page_label", problems).map(plain),
        icon: fields.text("icon", problems).map(plain),
        category: fields.text("category", problems).map(plain),
        categories: fields
            .texts("categories", problems)
            .map(|names| names.into_iter().map(plain).collect())
            .unwrap_or_default(),
        columns: fields.take("columns").map(|node| columns(node, &name.text, problems)),
        search_by: fields.texts("searchBy", problems),
        enable_search: fields.flag("enableSearch", problems),
        enable_new: fields.flag("enableNewResourceCreation", problems),
        edit: fields.take("edit").map(|node| edit(node, &name.text, problems)).unwrap_or_default(),
        create: fields.take("create").map(|node| create(node, &name.text, problems)),
    };
    fields.not_built(&WAITING, problems);
    fields.finish(&ROUTE_KEYS, problems);
    Some(route)
}

fn columns(node: &Node, resource: &str, problems: &mut Vec<ConfigProblem>) -> Vec<RouteColumn> {
    let Kind::List(items) = &node.kind else {
        problems.push(node.wrong(&format!("columns of resource {resource}"), "a list"));
        return Vec::new();
    };
    let mut found: Vec<RouteColumn> = Vec::new();
    for item in items {
        let Some(column) = column(item, resource, problems) else { continue };
        if found.iter().any(|known| known.name == column.name) {
            let message = format!("column {:?} is listed twice", column.name.text);
            problems.push(ConfigProblem::new(message).at(column.name.place));
        } else {
            found.push(column);
        }
    }
    found
}

fn column(node: &Node, resource: &str, problems: &mut Vec<ConfigProblem>) -> Option<RouteColumn> {
    if let Kind::Scalar(text) = &node.kind {
        let name = Named { text: text.clone(), place: node.place };
        return Some(RouteColumn { name, label: None, hidden: false, category: None });
    }
    let what = format!("a column of resource {resource}");
    let mut fields = Fields::of(node, &what, problems)?;
    let name = fields.text("column_name", problems);
    let label = ["label", "header_label", "header"].map(|key| fields.text(key, problems));
    let hidden = fields.flag("hidden", problems).unwrap_or(false);
    let category = fields.text("category", problems).map(|named| named.text);
    fields.not_built(&COLUMN_WAITING, problems);
    fields.finish(&COLUMN_KEYS, problems);
    if name.is_none() {
        problems.push(node.wrong(&what, "given a column_name"));
    }
    let label = label.into_iter().flatten().next().map(|named| named.text);
    Some(RouteColumn { name: name?, label, hidden, category })
}

fn edit(node: &Node, resource: &str, problems: &mut Vec<ConfigProblem>) -> EditRoute {
    let what = format!("edit of resource {resource}");
    let Some(mut fields) = Fields::of(node, &what, problems) else { return EditRoute::default() };
    let edit = EditRoute {
        enabled: fields.flag("enabled", problems),
        allowed: fields.texts("allowedColumns", problems),
        denied: fields.texts("deniedColumns", problems).unwrap_or_default(),
    };
    fields.not_built(&["scope", "IgnoreCompanyCheckBeforeMutation"], problems);
    fields.finish(&["enabled", "allowedColumns", "deniedColumns", "scope"], problems);
    edit
}

fn create(node: &Node, resource: &str, problems: &mut Vec<ConfigProblem>) -> CreateRoute {
    let what = format!("create of resource {resource}");
    let Some(mut fields) = Fields::of(node, &what, problems) else {
        return CreateRoute::default();
    };
    let columns = fields.take("columns").map(|node| {
        columns(node, resource, problems).into_iter().map(|column| column.name).collect()
    });
    let mut route = CreateRoute {
        required: fields.texts("required", problems).unwrap_or_default(),
        optional: fields.texts("optional", problems),
        columns,
        default_values: IndexMap::new(),
    };
    if let Some(node) = fields.take("defaultValues") {
        for (name, value) in node.entries(&format!("defaultValues of {what}"), problems) {
            let text = match &value.kind {
                Kind::Scalar(text) => text.clone(),
                Kind::Bool(flag) => flag.to_string(),
                Kind::Null | Kind::List(_) | Kind::Map(_) => {
                    problems.push(value.wrong(&format!("the default of {}", name.text), "a text"));
                    continue;
                }
            };
            route.default_values.insert(name.text.clone(), (name.clone(), text));
        }
    }
    let waiting = ["scope", "showButtonScope", "dialog", "navigateToCreatedResource"];
    fields.not_built(&waiting, problems);
    fields.finish(&["required", "optional", "columns", "defaultValues", "scope"], problems);
    route
}

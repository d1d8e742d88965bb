//! What can be done where.

use super::{
    Visible,
    definitions::some_list,
    object, summary_and_description,
    types::{element_of, format_of, items_of, type_of},
};
use crate::schema::{Parameter, Relation, Routine, Volatility};
use catalog::Ident;
use serde_json::{Map, Value, json};

pub(super) fn paths(visible: &Visible<'_>) -> Value {
    let mut paths = Map::new();
    paths.insert("/".to_owned(), root());
    for relation in &visible.relations {
        paths.insert(format!("/{}", relation.name.name), of_relation(relation));
    }
    for (routine, types) in &visible.routines {
        paths.insert(format!("/rpc/{}", routine.name.name), of_routine(routine, types));
    }
    Value::Object(paths)
}

fn root() -> Value {
    json!({"get": {
        "tags": ["Introspection"],
        "summary": "OpenAPI description (this document)",
        "produces": ["application/openapi+json", "application/json"],
        "responses": {"200": {"description": "OK"}},
    }})
}

/// What all operations at one path begin with.
fn operation(tag: &str, comment: Option<&str>) -> Map<String, Value> {
    let (summary, description) = summary_and_description(comment);
    let mut operation = Map::new();
    operation.insert("tags".to_owned(), json!([tag]));
    let texts = [("summary", summary), ("description", description)];
    for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text?))) {
        operation.insert(key.to_owned(), text.into());
    }
    operation
}

fn of_relation(relation: &Relation) -> Value {
    let name = relation.name.name.as_str();
    let filters = || {
        let columns = relation.columns.values();
        columns.map(|column| format!("rowFilter.{name}.{}", column.name)).collect::<Vec<_>>()
    };
    let body = format!("body.{name}");
    let with = |parameters: Vec<String>, responses: Value| {
        let mut operation = operation(name, relation.comment.as_deref());
        let refs = parameters.iter().map(|key| json!({"$ref": format!("#/parameters/{key}")}));
        operation.insert("parameters".to_owned(), refs.collect());
        operation.insert("responses".to_owned(), responses);
        Value::Object(operation)
    };
    let and = |mut parameters: Vec<String>, more: &[&str]| {
        parameters.extend(more.iter().map(|&key| key.to_owned()));
        parameters
    };
    let paging = ["select", "order", "range", "rangeUnit", "offset", "limit", "preferCount"];
    let mut item = json!({"get": with(and(filters(), &paging), rows(name))});
    if relation.is_writable() {
        let no_content = json!({"204": {"description": "No Content"}});
        let created = json!({"201": {"description": "Created"}});
        item["post"] = with(and(vec![body.clone()], &["select", "preferPost"]), created);
        item["delete"] = with(and(filters(), &["preferReturn"]), no_content.clone());
        item["patch"] = with(and(filters(), &[&body, "preferReturn"]), no_content);
    }
    item
}

fn rows(relation: &str) -> Value {
    json!({
        "200": {
            "description": "OK",
            "schema": {"type": "array", "items": {"$ref": format!("#/definitions/{relation}")}},
        },
        "206": {"description": "Partial Content"},
    })
}

fn of_routine(routine: &Routine, types: &[&str]) -> Value {
    let with = |parameters: Vec<Value>| {
        let tag = format!("(rpc) {}", routine.name.name);
        let mut operation = operation(&tag, routine.comment.as_deref());
        let produces = json!([
            "application/json",
            "application/vnd.pgrst.object+json;nulls=stripped",
            "application/vnd.pgrst.object+json"
        ]);
        operation.insert("produces".to_owned(), produces);
        operation.extend(some_list(parameters).map(|all| ("parameters".to_owned(), all)));
        operation.insert("responses".to_owned(), json!({"200": {"description": "OK"}}));
        Value::Object(operation)
    };
    let parameters = || routine.parameters.iter().zip(types.iter().copied());
    let arguments = json!({
        "name": "args",
        "required": true,
        "in": "body",
        "schema": arguments(routine, parameters()),
    });
    let mut item =
        json!({"post": with(vec![arguments, json!({"$ref": "#/parameters/preferParams"})])});
    if routine.volatility != Volatility::Volatile {
        item["get"] = with(parameters().map(|(one, pg_type)| in_query(one, pg_type)).collect());
    }
    item
}

fn name_of(parameter: &Parameter) -> &str {
    parameter.name.as_ref().map_or("", Ident::as_str)
}

/// The object that carries the arguments of a POST.
fn arguments<'a>(
    routine: &Routine,
    parameters: impl Iterator<Item = (&'a Parameter, &'a str)>,
) -> Value {
    let required = routine.parameters.iter().filter(|parameter| parameter.is_required);
    let required = required.map(|parameter| name_of(parameter).into()).collect();
    let properties: Map<String, Value> = parameters
        .map(|(parameter, pg_type)| {
            let property = object([
                ("type", type_of(pg_type).map(Value::from)),
                ("items", items_of(pg_type)),
                ("format", Some(format_of(pg_type).into())),
            ]);
            (name_of(parameter).to_owned(), property)
        })
        .collect();
    object([
        ("description", routine.comment.as_deref().map(Value::from)),
        ("required", some_list(required)),
        ("properties", Some(properties).filter(|all| !all.is_empty()).map(Value::Object)),
        ("type", Some("object".into())),
    ])
}

/// A parameter of a GET: arrays are written as text, except that variadic ones are repeated.
fn in_query(parameter: &Parameter, pg_type: &str) -> Value {
    let shown = type_of(pg_type);
    let (shown, format, items) = if parameter.is_variadic {
        let element = element_of(pg_type);
        let items = object([
            ("type", type_of(element).map(Value::from)),
            ("format", Some(format_of(element).into())),
        ]);
        (shown.unwrap_or("string"), None, Some(items))
    } else {
        let shown = shown.filter(|shown| *shown != "array").unwrap_or("string");
        (shown, Some(format_of(pg_type)), None)
    };
    object([
        ("name", Some(name_of(parameter).into())),
        ("required", Some(parameter.is_required.into())),
        ("in", Some("query".into())),
        ("type", Some(shown.into())),
        ("format", format.map(Value::from)),
        ("collectionFormat", items.is_some().then(|| "multi".into())),
        ("items", items),
    ])
}

//! The document of the sample schema.

use super::*;
use crate::schema::{SchemaCache, Volatility, sample::*};

fn surface() -> Surface {
    Surface {
        version: "1.0".to_owned(),
        scheme: "https".to_owned(),
        host: "example.org:443".to_owned(),
        base_path: "/rest/v1".to_owned(),
        asks_for_token: false,
    }
}

fn shown(cache: &SchemaCache) -> Value {
    document(cache, "api", &Access::everything(cache, "api"), &surface())
}

#[test]
fn a_table_is_a_definition_with_its_keys_noted() {
    let mut parts = parts();
    let films = &mut parts.relations[0];
    films.comment = Some("Films\n\nAll of them".to_owned());
    films.columns["id"].comment = Some("Number".to_owned());
    films.columns["id"].is_nullable = false;
    films.columns["title"].default = Some("'new'::text".to_owned());
    let document = shown(&SchemaCache::new(parts));
    assert_eq!(
        document["definitions"]["films"],
        json!({
            "description": "Films\n\nAll of them",
            "required": ["id"],
            "properties": {
                "id": {
                    "description": "Number\n\nNote:\nThis is a Primary Key.<pk/>",
                    "format": "int32",
                    "type": "integer",
                },
                "title": {"default": "new", "format": "text", "type": "string"},
                "director_id": {
                    "description": "Note:\nThis is a Foreign Key to `directors.id`.<fk table='directors' column='id'/>",
                    "format": "int32",
                    "type": "integer",
                },
            },
            "type": "object",
        })
    );
    let get = &document["paths"]["/films"]["get"];
    assert_eq!((&get["summary"], &get["description"]), (&json!("Films"), &json!("All of them")));
    assert_eq!(get["parameters"][0]["$ref"], "#/parameters/rowFilter.films.id");
    assert_eq!(document["parameters"]["rowFilter.films.id"]["description"], "Number");
    assert_eq!(document["paths"]["/films"].as_object().unwrap().len(), 4);
}

#[test]
fn a_view_that_takes_no_writes_is_only_read() {
    let mut parts = parts();
    let films = &mut parts.relations[0];
    (films.is_insertable, films.is_updatable, films.is_deletable) = (false, false, false);
    let document = shown(&SchemaCache::new(parts));
    let methods: Vec<&String> = document["paths"]["/films"].as_object().unwrap().keys().collect();
    assert_eq!(methods, ["get"]);
}

#[test]
fn a_routine_is_posted_and_read_with_get_only_if_it_changes_nothing() {
    let mut parts = parts();
    let mut search = routine("search", &["words:text[]", "[meta]:json"]);
    search.volatility = Volatility::Stable;
    search.parameters[1].is_variadic = false;
    parts.routines.push(search);
    let mut tag = routine("tag", &["names:text[]"]);
    tag.volatility = Volatility::Immutable;
    tag.parameters[0].is_variadic = true;
    // Each routine of the sample needs a number of its own to be told from the others.
    parts.routines.push(tag);
    for (at, routine) in parts.routines.iter_mut().enumerate() {
        routine.oid = u32::try_from(at).unwrap();
    }
    let document = shown(&SchemaCache::new(parts));
    assert_eq!(document["paths"]["/rpc/find"].get("get"), None);
    assert_eq!(
        document["paths"]["/rpc/search"]["get"]["parameters"],
        json!([
            {"name": "words", "required": true, "in": "query", "type": "string", "format": "text[]"},
            {"name": "meta", "required": false, "in": "query", "type": "string", "format": "json"},
        ])
    );
    assert_eq!(
        document["paths"]["/rpc/search"]["post"]["parameters"][0]["schema"],
        json!({
            "required": ["words"],
            "properties": {
                "words": {"type": "array", "items": {"type": "string"}, "format": "text[]"},
                "meta": {"format": "json"},
            },
            "type": "object",
        })
    );
    assert_eq!(
        document["paths"]["/rpc/tag"]["get"]["parameters"],
        json!([{
            "name": "names",
            "required": true,
            "in": "query",
            "type": "array",
            "collectionFormat": "multi",
            "items": {"type": "string", "format": "text"},
        }])
    );
    let whole = &document["paths"]["/rpc/now"]["post"]["parameters"][0]["schema"];
    assert_eq!(whole, &json!({"type": "object"}));
}

#[test]
fn what_the_role_may_not_use_is_not_mentioned() {
    let mut parts = parts();
    for (at, routine) in parts.routines.iter_mut().enumerate() {
        routine.oid = u32::try_from(at).unwrap();
    }
    let cache = SchemaCache::new(parts);
    let find = cache.overloads("api", "find")[0].oid;
    let answer =
        json!({"relations": ["directors"], "routines": [{"oid": find, "types": ["words"]}]});
    let access = Access::parse(answer.to_string().as_bytes()).unwrap();
    let document = document(&cache, "api", &access, &surface());
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/", "/directors", "/rpc/find"]);
    assert_eq!(document["definitions"].as_object().unwrap().len(), 1);
    let schema = &document["paths"]["/rpc/find"]["post"]["parameters"][0]["schema"];
    assert_eq!(schema["properties"]["words"]["format"], "words");
    assert!(!document.to_string().contains("films"));
}

#[test]
fn the_comment_on_the_schema_is_title_and_description() {
    let document = shown(&cache());
    assert_eq!(
        document["info"],
        json!({
            "version": "1.0",
            "title": "PostgREST API",
            "description": "This is a dynamic API generated by PostgREST",
        })
    );
    let mut parts = parts();
    parts.schemas[0].1 = Some("Films\n\nand who\nmade them".to_owned());
    let document = shown(&SchemaCache::new(parts));
    assert_eq!(document["info"]["title"], "Films");
    assert_eq!(document["info"]["description"], "and who\nmade them");
}

#[test]
fn a_token_is_asked_for_where_the_surface_does() {
    let cache = cache();
    let access = Access::everything(&cache, "api");
    let asking = Surface { asks_for_token: true, ..surface() };
    assert_eq!(document(&cache, "api", &access, &asking)["security"], json!([{"JWT": []}]));
    assert_eq!(document(&cache, "api", &access, &surface()).get("security"), None);
}

#[test]
fn defaults_that_are_no_constants_are_shown_as_text_or_not_at_all() {
    let default = types::default_of;
    assert_eq!(default("date", "'1900-01-01'::date"), Some(json!("1900-01-01")));
    assert_eq!(default("integer", "42"), Some(json!(42)));
    assert_eq!(default("boolean", "false"), Some(json!(false)));
    assert_eq!(default("integer", "nextval('x'::regclass)"), None);
    assert_eq!(default("timestamp", "now()"), Some(json!("now()")));
    assert_eq!(default("text", "'say \"hi\"'::text"), None);
}

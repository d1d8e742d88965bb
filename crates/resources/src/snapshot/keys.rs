//! Which keys each kind of object has, and in which order the two drizzle-kit commands write them.

use super::Warning;
use serde_json::{Map, Value};

/// One kind of object: its keys as `generate` orders them, and what its members are.
struct Kind {
    keys: &'static [&'static str],
    members: &'static [(&'static str, Member)],
}

enum Member {
    /// The value itself is of this kind.
    One(&'static Kind),
    /// A map of names to this kind.
    Map(&'static Kind),
    /// A list of this kind.
    List(&'static Kind),
}

static SNAPSHOT: Kind = Kind {
    keys: &[
        "id",
        "prevId",
        "version",
        "dialect",
        "tables",
        "enums",
        "schemas",
        "sequences",
        "roles",
        "policies",
        "views",
        "_meta",
        "internal",
    ],
    members: &[
        ("tables", Member::Map(&TABLE)),
        ("enums", Member::Map(&ENUM)),
        ("sequences", Member::Map(&SEQUENCE)),
        ("roles", Member::Map(&ROLE)),
        ("policies", Member::Map(&POLICY)),
        ("views", Member::Map(&VIEW)),
        ("_meta", Member::One(&META)),
        ("internal", Member::One(&INTERNAL)),
    ],
};
static TABLE: Kind = Kind {
    keys: &[
        "name",
        "schema",
        "columns",
        "indexes",
        "foreignKeys",
        "compositePrimaryKeys",
        "uniqueConstraints",
        "policies",
        "checkConstraints",
        "isRLSEnabled",
    ],
    members: &[
        ("columns", Member::Map(&COLUMN)),
        ("indexes", Member::Map(&INDEX)),
        ("foreignKeys", Member::Map(&FOREIGN_KEY)),
        ("compositePrimaryKeys", Member::Map(&COMPOSITE)),
        ("uniqueConstraints", Member::Map(&UNIQUE)),
        ("policies", Member::Map(&POLICY)),
        ("checkConstraints", Member::Map(&CHECK)),
    ],
};
static COLUMN: Kind = Kind {
    keys: &[
        "name",
        "type",
        "typeSchema",
        "primaryKey",
        "notNull",
        "default",
        "generated",
        "identity",
        "isUnique",
        "uniqueName",
        "nullsNotDistinct",
    ],
    members: &[("identity", Member::One(&IDENTITY)), ("generated", Member::One(&GENERATED))],
};
static IDENTITY: Kind = Kind {
    keys: &[
        "type",
        "name",
        "schema",
        "increment",
        "startWith",
        "minValue",
        "maxValue",
        "cache",
        "cycle",
    ],
    members: &[],
};
static GENERATED: Kind = Kind { keys: &["as", "type"], members: &[] };
static INDEX: Kind = Kind {
    keys: &["name", "columns", "isUnique", "where", "concurrently", "method", "with"],
    members: &[("columns", Member::List(&INDEX_COLUMN))],
};
static INDEX_COLUMN: Kind =
    Kind { keys: &["expression", "isExpression", "asc", "nulls", "opclass"], members: &[] };
static FOREIGN_KEY: Kind = Kind {
    keys: &[
        "name",
        "tableFrom",
        "tableTo",
        "schemaTo",
        "columnsFrom",
        "columnsTo",
        "onDelete",
        "onUpdate",
    ],
    members: &[],
};
static COMPOSITE: Kind = Kind { keys: &["name", "columns"], members: &[] };
static UNIQUE: Kind = Kind { keys: &["name", "nullsNotDistinct", "columns"], members: &[] };
static CHECK: Kind = Kind { keys: &["name", "value"], members: &[] };
static POLICY: Kind =
    Kind { keys: &["name", "as", "for", "to", "using", "withCheck", "on", "schema"], members: &[] };
static VIEW: Kind = Kind {
    keys: &[
        "columns",
        "definition",
        "name",
        "schema",
        "isExisting",
        "with",
        "withNoData",
        "materialized",
        "using",
        "tablespace",
    ],
    members: &[("columns", Member::Map(&COLUMN))],
};
static SEQUENCE: Kind = Kind {
    keys: &["name", "schema", "increment", "startWith", "minValue", "maxValue", "cache", "cycle"],
    members: &[],
};
static ROLE: Kind = Kind { keys: &["name", "createDb", "createRole", "inherit"], members: &[] };
static ENUM: Kind = Kind { keys: &["name", "schema", "values"], members: &[] };
static META: Kind = Kind { keys: &["columns", "schemas", "tables"], members: &[] };
static INTERNAL: Kind =
    Kind { keys: &["tables"], members: &[("tables", Member::Map(&INTERNAL_TABLE))] };
static INTERNAL_TABLE: Kind =
    Kind { keys: &["columns"], members: &[("columns", Member::Map(&INTERNAL_COLUMN))] };
static INTERNAL_COLUMN: Kind =
    Kind { keys: &["isArray", "dimensions", "rawType", "isDefaultAnExpression"], members: &[] };

/// Take out nulls and keys nobody knows; each unknown key is a warning.
pub(super) fn prune(snapshot: &mut Value, warnings: &mut Vec<Warning>) {
    walk(snapshot, &SNAPSHOT, "the snapshot", &mut |object, kind, place| {
        object.retain(|key, value| {
            let is_known = kind.keys.contains(&key.as_str());
            if !is_known {
                warnings.push(Warning::UnknownKey { place: place.to_owned(), key: key.clone() });
            }
            is_known && !value.is_null()
        });
    });
}

/// Put every object's keys in the order of `drizzle-kit generate`.
pub(super) fn order_as_generated(snapshot: &mut Value) {
    walk(snapshot, &SNAPSHOT, "", &mut |object, kind, _| {
        let mut ordered = Map::new();
        for key in kind.keys {
            if let Some(value) = object.shift_remove(*key) {
                ordered.insert((*key).to_owned(), value);
            }
        }
        // Only an indexed expression has these two the other way round.
        if ordered.get("isExpression") == Some(&Value::Bool(true))
            && let Some(asc) = ordered.shift_remove("asc")
        {
            ordered.shift_insert(1, "asc".to_owned(), asc);
        }
        *object = ordered;
    });
}

fn walk(
    value: &mut Value,
    kind: &Kind,
    place: &str,
    visit: &mut impl FnMut(&mut Map<String, Value>, &Kind, &str),
) {
    let Value::Object(object) = value else { return };
    visit(object, kind, place);
    for (key, member) in kind.members {
        let Some(inner) = object.get_mut(*key) else { continue };
        match (member, inner) {
            (Member::One(kind), inner) => walk(inner, kind, key, visit),
            (Member::Map(kind), Value::Object(map)) => {
                for (name, inner) in map.iter_mut() {
                    walk(inner, kind, &format!("{key} {name}"), visit);
                }
            }
            (Member::List(kind), Value::Array(items)) => {
                for inner in items {
                    walk(inner, kind, &format!("{place} {key}"), visit);
                }
            }
            // A wrong shape is told by the typed reader, with its place.
            (Member::Map(_) | Member::List(_), _) => {}
        }
    }
}

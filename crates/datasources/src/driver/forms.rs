//! What each driver asks for: the table that judges a configuration and describes it to a form.

use super::Driver;
use crate::form::{Field, Form, Shape};
use serde_json::{Value, json};

const PORT: Shape = Shape::Whole { least: 1, most: 65_535 };
const PASSWORD: &str = "a password is no part of the configuration; send it as secret";

const MISPLACED: &[(&str, &str)] = &[
    ("password", PASSWORD),
    ("pass", PASSWORD),
    ("passwd", PASSWORD),
    ("pwd", PASSWORD),
    ("secret", "send it beside config, not in it"),
    ("key", PASSWORD),
    ("apikey", PASSWORD),
    ("token", PASSWORD),
    ("user", "its name is username"),
    ("connectionstring", "its name is url"),
    ("uri", "its name is url"),
    ("readonly", "say allowWrites: false in external"),
    ("max", "put it into pool"),
    ("min", "put it into pool"),
    ("pool", "put it beside config, not into it"),
    ("querytimeoutms", "put it into external"),
];

static POSTGRES: Form = Form {
    fields: &[
        Field::new("url", Shape::Text, "Connection string, without a password"),
        Field::new("host", Shape::Text, "Host"),
        Field::new("port", PORT, "Port").or("5432"),
        Field::new("database", Shape::Text, "Database"),
        Field::new("username", Shape::Text, "User"),
        Field::new("schema", Shape::Text, "Schema").or("\"public\""),
        Field::new("applicationName", Shape::Text, "Name shown to the server"),
        Field::new(
            "statementTimeout",
            Shape::Whole { least: 1, most: 3_600_000 },
            "The longest a statement runs, in milliseconds",
        ),
        Field::new("ssl", Shape::Flag, "Encrypt the connection"),
    ],
    misplaced: MISPLACED,
};

static SCYLLADB: Form = Form {
    fields: &[
        Field::new("hosts", Shape::Texts, "Contact points"),
        Field::new("port", PORT, "Port").or("9042"),
        Field::new("keyspace", Shape::Text, "Keyspace"),
        Field::new("username", Shape::Text, "User"),
        Field::new("datacenter", Shape::Text, "Local data centre"),
    ],
    misplaced: MISPLACED,
};

static SUPABASE: Form = Form {
    fields: &[
        Field::new("url", Shape::Text, "Project URL"),
        Field::new("schema", Shape::Text, "Schema").or("\"public\""),
    ],
    misplaced: MISPLACED,
};

static SQLITE: Form = Form {
    fields: &[Field::new("filename", Shape::Text, "File; in memory when left out")],
    misplaced: MISPLACED,
};

static MEMORY: Form = Form { fields: &[], misplaced: MISPLACED };

static MONGODB: Form = Form {
    fields: &[
        Field::new("url", Shape::Text, "Connection string, without a password"),
        Field::new("host", Shape::Text, "Host"),
        Field::new("port", PORT, "Port").or("27017"),
        Field::new("database", Shape::Text, "Database"),
        Field::new("username", Shape::Text, "User"),
        Field::new("authSource", Shape::Text, "Database of the user"),
        Field::new("options", Shape::Texts, "Further options, each as name=value"),
    ],
    misplaced: MISPLACED,
};

pub(super) fn of(driver: &Driver) -> Option<&'static Form> {
    match driver {
        Driver::Postgres => Some(&POSTGRES),
        Driver::Scylladb => Some(&SCYLLADB),
        Driver::Supabase => Some(&SUPABASE),
        Driver::Sqlite => Some(&SQLITE),
        Driver::Memory => Some(&MEMORY),
        Driver::Mongodb => Some(&MONGODB),
        Driver::Other(_) => None,
    }
}

/// Of which members exactly one, or at least one, must be there.
pub(super) fn needed(driver: &Driver) -> &'static [&'static str] {
    match driver {
        Driver::Postgres | Driver::Mongodb => &["url", "host"],
        Driver::Scylladb => &["hosts"],
        Driver::Supabase => &["url"],
        Driver::Sqlite | Driver::Memory | Driver::Other(_) => &[],
    }
}

/// A driver for a form: what it is called, and what it asks for.
pub fn described(driver: &Driver) -> Option<Value> {
    let form = of(driver)?;
    let (label, description, icon) = words(driver);
    let mut schema = form.json_schema();
    match needed(driver) {
        [] => {}
        [one] => schema["required"] = json!([one]),
        several => {
            let each = several.iter().map(|name| json!({ "required": [name] }));
            schema["oneOf"] = each.collect();
        }
    }
    Some(json!({
        "id": driver.id(),
        "aliases": driver.aliases(),
        "label": label,
        "description": description,
        "icon": icon,
        "hasPool": driver.has_pool(),
        "needsSecret": !matches!(driver, Driver::Sqlite | Driver::Memory),
        "configSchema": schema,
        "poolSchema": driver.pool_form().map(Form::json_schema),
    }))
}

fn words(driver: &Driver) -> (&'static str, &'static str, &'static str) {
    match driver {
        Driver::Postgres => {
            ("PostgreSQL", "PostgreSQL 12 or later, or what speaks like it", "database")
        }
        Driver::Scylladb => ("ScyllaDB", "ScyllaDB or Cassandra, over CQL", "layers"),
        Driver::Supabase => ("Supabase", "A project, over its own HTTP interface", "cloud"),
        Driver::Sqlite => ("SQLite", "A file on this server", "file"),
        Driver::Memory => {
            ("In memory", "An empty SQLite that is gone when the server stops", "cpu")
        }
        Driver::Mongodb => ("MongoDB", "A document database", "leaf"),
        Driver::Other(_) => ("", "", ""),
    }
}

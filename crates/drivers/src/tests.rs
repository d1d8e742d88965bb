use super::*;
use datasources::ClientRecord;
use secrets::Cleartext;
use serde_json::{Value, json};
use std::time::Duration;

fn record(body: Value) -> ClientRecord {
    match body {
        Value::Object(body) => ClientRecord::create(&body, &[]).unwrap(),
        _ => panic!("no object"),
    }
}

fn settings(record: &ClientRecord, secret: Option<&str>) -> backend_postgres::PostgresSettings {
    let secret = secret.map(|text| Cleartext::new(text.to_owned()));
    let statement_timeout = Duration::from_secs(7);
    let guard = Arc::new(backend::NoNames);
    let spec = Spec { record, secret: secret.as_ref(), statement_timeout, guard };
    match connection(record).ok().unwrap() {
        Connection::Postgres { address, password, schema, wants_tls, .. } => {
            let place = postgres::Place { address, password, schema, wants_tls };
            postgres::settings(&spec, place).unwrap()
        }
        _ => panic!("another driver"),
    }
}

#[test]
fn a_pool_is_as_large_as_was_said_and_smaller_for_what_is_not_ours() {
    let sizes = |body: Value| {
        let settings = settings(&record(body), None);
        (settings.read_connections, settings.write_connections)
    };
    let base = json!({ "name": "a", "driver": "pg", "config": { "host": "h" } });
    assert_eq!(sizes(base.clone()), (5, 5));
    let mut external = base.clone();
    external["schemaMode"] = "external".into();
    external["external"] = json!({});
    assert_eq!(sizes(external), (3, 2));
    let mut small = base;
    small["pool"] = json!({ "max": 3, "connectionTimeoutMillis": 500, "idleTimeoutMillis": 2000 });
    let record = record(small);
    let settings = settings(&record, None);
    assert_eq!((settings.read_connections, settings.write_connections), (2, 1));
    assert_eq!(settings.connect_timeout, Duration::from_millis(500));
    assert_eq!(settings.idle_timeout, Duration::from_secs(2));
}

#[test]
fn parts_of_an_address_cannot_break_out_of_their_places() {
    let body = json!({ "name": "a", "driver": "pg", "config": {
        "host": "db.example", "username": "me@other.example/x?host=10.0.0.1", "database": "d?host=h",
        "applicationName": "a&host=10.0.0.2",
    } });
    assert_eq!(settings(&record(body), None).address(), "db.example:5432/d?host=h");
}

#[test]
fn drivers_that_are_not_built_are_refused_by_name() {
    let record = record(json!({ "name": "a", "driver": "scylla", "config": { "hosts": ["h"] } }));
    let statement_timeout = Duration::from_secs(1);
    let guard = Arc::new(backend::NoNames);
    let spec = Spec { record: &record, secret: None, statement_timeout, guard };
    let refused = Drivers.create(spec).err().unwrap();
    assert!(refused.to_string().contains("scylladb"), "{refused}");
}

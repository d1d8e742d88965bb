//! A client that is a file, over HTTP.

use crate::program::{Home, Program};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

const SHOP: &str = "
    CREATE TABLE goods (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, price DECIMAL(10, 2), stock INT,
        sold BOOLEAN NOT NULL DEFAULT FALSE, added DATETIME, extra JSON
    );
    INSERT INTO goods VALUES
        (1, 'Anvil', 9.5, 3, 0, '2024-01-31 09:30:00', '{\"kg\": 40}'),
        (2, 'Bell', 12, NULL, 1, '2024-02-01 00:00:00', NULL),
        (3, 'candle 100%', NULL, 0, 0, NULL, '[]');
";

struct Shop {
    program: Program,
    key: String,
    _home: Home,
}

fn shop() -> Shop {
    let home = Home::with_config("");
    let file = home.config().with_file_name("shop.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(SHOP).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
    let config = format!("clients: {{shop: \"sqlite://{}\"}}\n", file.display());
    std::fs::write(home.config(), config).unwrap();
    let mut program = home.serve();
    program.until_ready();
    let key = home.key();
    program.until("the client", |port| {
        let headers = [("x-athena-client", "shop"), ("apikey", key.as_str())];
        let body = r#"{"table_name": "goods"}"#;
        let asked = crate::http::ask(port, "POST", "/gateway/fetch", &headers, body);
        asked.is_ok_and(|answer| answer.status != 503)
    });
    Shop { program, key, _home: home }
}

impl Shop {
    fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = self.program.gateway(path, "shop", &self.key, &body.to_string()).unwrap();
        (answer.status, answer.json())
    }

    fn ids(&self, conditions: Value) -> Value {
        let (status, answer) = self.ask(
            "/gateway/fetch",
            json!({"table_name": "goods", "columns": ["id"], "sort_by": {"field": "id"},
                "conditions": conditions}),
        );
        assert_eq!(status, 200, "{conditions}: {answer}");
        let rows = answer["data"].as_array().unwrap();
        rows.iter().map(|row| row["id"].clone()).collect()
    }
}

#[test]
fn every_operator_finds_its_rows_in_a_file() {
    let shop = shop();
    for (column, operator, value, expected) in [
        ("id", "eq", json!(2), json!([2])),
        ("id", "neq", json!(2), json!([1, 3])),
        ("price", "gt", json!("9.5"), json!([2])),
        ("price", "gte", json!(9.5), json!([1, 2])),
        ("stock", "lt", json!(3), json!([3])),
        ("added", "lte", json!("2024-01-31T09:30:00Z"), json!([1])),
        ("name", "like", json!("%ll"), json!([2])),
        ("name", "like", json!("bell"), json!([])),
        ("name", "ilike", json!("BELL"), json!([2])),
        ("name", "like", json!("%100\\%"), json!([3])),
        ("id", "in", json!([1, 3, 9]), json!([1, 3])),
        ("name", "not_in", json!(["Anvil"]), json!([2, 3])),
        ("id", "in", json!([]), json!([])),
        ("sold", "is", json!(true), json!([2])),
        ("stock", "is_null", json!(null), json!([2])),
        ("stock", "not_null", json!(null), json!([1, 3])),
        ("sold", "not.eq", json!(true), json!([1, 3])),
    ] {
        let found = shop.ids(json!([{"column": column, "operator": operator, "value": value}]));
        assert_eq!(found, expected, "{column} {operator} {value}");
    }
    let tree =
        json!([{"or": [{"eq_column": "id", "eq_value": 1}, {"not": {"sold": {"eq": false}}}]}]);
    assert_eq!(shop.ids(tree), json!([1, 2]));
    for (column, operator, value) in
        [("extra", "contains", json!({"kg": 40})), ("extra", "eq", json!([]))]
    {
        let conditions = json!([{"column": column, "operator": operator, "value": value}]);
        let body = json!({"table_name": "goods", "conditions": conditions});
        let (status, answer) = shop.ask("/gateway/fetch", body);
        assert_eq!((status, &answer["code"]), (501, &json!("not_supported_by_backend")));
    }
}

#[test]
fn rows_in_a_file_are_made_replaced_changed_and_deleted() {
    let shop = shop();
    let row = json!({"name": "Drum", "price": "20.25", "sold": true, "extra": {"b": [1]},
        "added": "2024-03-01T10:00:00Z"});
    let (status, answer) =
        shop.ask("/gateway/insert", json!({"table_name": "goods", "insert_body": row}));
    assert_eq!(status / 100, 2, "{answer}");
    let (_, answer) = shop.ask(
        "/gateway/fetch",
        json!({"table_name": "goods", "conditions": [{"eq_column": "name", "eq_value": "Drum"}]}),
    );
    let expected = json!({"id": 4, "name": "Drum", "price": 20.25, "stock": null, "sold": true,
        "added": "2024-03-01T10:00:00", "extra": {"b": [1]}});
    assert_eq!(answer["data"], json!([expected]));

    let twice = json!({"table_name": "goods", "insert_body": {"name": "Drum"}});
    let (status, answer) = shop.ask("/gateway/insert", twice);
    assert_eq!((status, &answer["code"]), (409, &json!("unique_violation")));
    let upsert = json!({"table_name": "goods", "insert_body": {"name": "Drum", "stock": 8},
        "on_conflict": "name", "update_body": {"stock": 9}});
    assert_eq!(shop.ask("/gateway/insert", upsert).0 / 100, 2);

    let update = json!({"table_name": "goods", "set": {"sold": false},
        "conditions": [{"eq_column": "stock", "eq_value": 9}]});
    let (status, answer) = shop.ask("/gateway/update", update);
    assert_eq!((status, &answer["data"][0]["sold"]), (200, &json!(false)), "{answer}");
    let (status, answer) =
        shop.ask("/gateway/delete", json!({"table_name": "goods", "resource_id": "4"}));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(shop.ids(json!([])), json!([1, 2, 3]));
}

//! The console over a SQLite file that has no snapshot: lists, records, changes and choices.

use super::*;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

const SHOP: &str = "
    CREATE TABLE customers (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, email VARCHAR(80) UNIQUE, active BOOLEAN NOT NULL DEFAULT TRUE,
        joined DATETIME DEFAULT CURRENT_TIMESTAMP, notes JSON, credit DECIMAL(10, 2) DEFAULT 0
    );
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
        placed DATE NOT NULL, total REAL NOT NULL CHECK (total >= 0)
    );
    CREATE VIEW totals AS SELECT customer_id, sum(total) AS spent FROM orders GROUP BY customer_id;
    INSERT INTO customers (id, name, email) VALUES (1, 'Ada', 'ada@example.com'), (2, 'Bo', NULL);
    INSERT INTO orders VALUES (1, 1, '2024-01-31', 12.5), (2, 1, '2024-02-01', 7);
";

struct Shop {
    console: Arc<dyn Console>,
    client: ClientName,
    _kept: (TestDatabase, tempfile::TempDir),
}

async fn shop() -> Shop {
    let (own, folder) = (TestDatabase::create().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("shop.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(SHOP).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let store = Store::open(own.uri()).unwrap();
    store.migrate().await.unwrap();
    let hall = Arc::new(Hall::new(store));
    hall.prepare(Some(&Secret::new(KEY))).await.unwrap();
    let config = folder.path().join("config.yaml");
    std::fs::write(&config, format!("clients:\n  shop: sqlite://{}\n", file.display())).unwrap();
    let overrides = Overrides { config: Some(config), ..Overrides::default() };
    let settings = Settings::load(&overrides, &Environment::default()).ok().unwrap();
    let engine = Gateway::new(GatewaySettings::default(), Access::open());
    let prepared = Prepared::of(&settings.clients[0], &settings).unwrap().register(&engine);
    let client = prepared.0.clone();
    let library = Arc::new(Library::new([prepared].into()));
    let door = FrontDoor { hall, engine, library };
    let input = SignInInput { email: "admin@localhost".to_owned(), password: KEY.to_owned() };
    let cookie = super::session(door.sign_in(input, None).await.unwrap());
    let console = door.open(&cookie).await.unwrap().unwrap();
    Shop { console, client, _kept: (own, folder) }
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(vec![id.to_owned()])
}

#[tokio::test]
async fn a_file_without_a_snapshot_has_lists_with_filters_and_labels() {
    let Shop { console, client, _kept } = shop().await;
    let navigation = format!("{:?}", console.navigation(&client).await.unwrap());
    for name in ["customers", "orders", "totals"] {
        assert!(navigation.contains(name), "{navigation}");
    }
    let page = console.list(&client, "orders", ListQuery::default()).await.unwrap();
    assert_eq!(page.rows.len(), 2);
    let labels: Vec<_> =
        page.rows[0].cells.iter().filter_map(|cell| cell.label.as_deref()).collect();
    assert_eq!(labels, ["Ada"]);
    for (column, op, values, expected) in [
        ("active", FilterOp::Eq, vec!["true"], 2),
        ("name", FilterOp::Contains, vec!["a"], 1),
        ("email", FilterOp::IsNull, vec![], 1),
        ("id", FilterOp::In, vec!["1", "7"], 1),
        ("credit", FilterOp::Gte, vec!["0"], 2),
        ("joined", FilterOp::Gt, vec!["2020-01-01T00:00:00Z"], 2),
    ] {
        let values = values.into_iter().map(str::to_owned).collect();
        let filters = vec![FilterTerm { column: column.to_owned(), op, values }];
        let query = ListQuery { filters, ..ListQuery::default() };
        let page = console.list(&client, "customers", query).await.unwrap();
        assert_eq!(page.rows.len(), expected, "{column} {op:?}");
    }
    let page = console.list(&client, "totals", ListQuery::default()).await.unwrap();
    assert_eq!(page.rows.len(), 1);
}

#[tokio::test]
async fn a_record_in_a_file_is_shown_made_changed_and_deleted() {
    let Shop { console, client, _kept } = shop().await;
    let page = console.record(&client, "customers", &key("1")).await.unwrap();
    assert_eq!(page.title, "Ada");
    let orders = page.related.iter().find(|related| related.page.resource.key == "orders");
    assert_eq!(orders.unwrap().page.rows.len(), 2);

    let refused = console.create(&client, "customers", Vec::new()).await.unwrap_err();
    assert_eq!(fields(&refused), ["name"]);
    let new = || vec![text("name", "Cy"), text("email", "ada@example.com")];
    let twice = console.create(&client, "customers", new()).await.unwrap_err();
    assert_eq!((twice.code.as_str(), fields(&twice)), ("unique_violation", vec!["email"]));
    let new =
        vec![text("name", "Cy"), text("email", "cy@example.com"), text("notes", r#"{"a": [1]}"#)];
    let made = console.create(&client, "customers", new).await.unwrap().unwrap();
    assert_eq!(made, key("3"));

    let set = |column: &'static str, value: FieldValue| {
        let (console, client, key) = (&console, &client, &made);
        async move { console.update_cell(client, "customers", key, column, value).await }
    };
    let typed = |text: &str| FieldValue::Text(text.to_owned());
    assert_eq!(set("active", typed("false")).await.unwrap().value.as_deref(), Some("false"));
    assert_eq!(set("credit", typed("12.5")).await.unwrap().value.as_deref(), Some("12.5"));
    assert_eq!(set("email", FieldValue::Null).await.unwrap().value, None);
    let joined = set("joined", typed("2024-01-31T09:30:00")).await.unwrap();
    assert!(joined.value.unwrap().starts_with("2024-01-31T09:30:00"));
    let refused = set("credit", typed("twelve")).await.unwrap_err();
    assert_eq!(refused.status / 100, 4, "{refused:?}");

    let used = console.delete(&client, "customers", &key("1")).await.unwrap_err();
    assert_eq!((used.status, used.code.as_str()), (409, "foreign_key_violation"));
    console.delete(&client, "customers", &made).await.unwrap();
    let gone = console.delete(&client, "customers", &made).await;
    assert_eq!(code(gone), (404, "unknown_record".to_owned()));
    let found = console.options(&client, "orders", "customer_id", "ad").await.unwrap();
    assert_eq!(found.items[0].label, "Ada");
}

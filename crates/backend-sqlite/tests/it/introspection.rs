//! The catalog of a file, in the words this program has for every database.

use crate::support::{refusal, subject};
use catalog::{Generated, TableKind};
use query::Operation;
use serde_json::json;

const TABLES: &str = r#"
    CREATE TABLE "Customers" (
        id INTEGER PRIMARY KEY,
        email TEXT NOT NULL COLLATE NOCASE UNIQUE,
        joined TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        "odd "" name 名前" DECIMAL(12, 2) DEFAULT 1.5
    );
    CREATE TABLE orders (
        region TEXT, number INT,
        customer INTEGER NOT NULL REFERENCES customers ON DELETE CASCADE,
        total REAL AS (number * 2) STORED, twice REAL AS (number * 2),
        loose,
        PRIMARY KEY (region, number)
    ) WITHOUT ROWID;
    CREATE TABLE lines (
        id TEXT PRIMARY KEY, region TEXT, number INT, qty INT NOT NULL,
        FOREIGN KEY (region, number) REFERENCES orders (region, number)
    ) STRICT;
    CREATE TABLE old (code TEXT PRIMARY KEY);
    CREATE UNIQUE INDEX by_qty ON lines (qty, region);
    CREATE UNIQUE INDEX by_expression ON lines (lower(id));
    CREATE UNIQUE INDEX by_part ON lines (number) WHERE number > 0;
    CREATE VIEW totals AS SELECT region, count(*) AS n FROM orders GROUP BY region;
    CREATE VIEW broken AS SELECT * FROM missing;
    CREATE VIRTUAL TABLE search USING fts5(body);
"#;

#[tokio::test]
async fn tables_have_their_keys_types_and_rules() {
    let schema = subject(TABLES).await.schema().await;
    assert!(schema.server_version.starts_with("SQLite 3."));
    assert_eq!(schema.search_path(), ["public"]);
    let names: Vec<_> = schema.tables().map(|table| table.name.to_string()).collect();
    for name in ["public.Customers", "public.orders", "public.lines", "public.old", "public.totals"]
    {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("sqlite_") || name.contains("_content")));

    let customers = schema.table(None, "Customers").unwrap();
    let id = customers.column("id").unwrap();
    assert_eq!((id.generated, id.nullable), (Generated::IdentityByDefault, false));
    assert_eq!(customers.unique_keys.len(), 1);
    let odd = customers.column("odd \" name 名前").unwrap();
    assert_eq!(
        (odd.data_type.sql.as_str(), odd.default.as_deref()),
        ("numeric(12,2)", Some("1.5"))
    );

    let orders = schema.table(Some("public"), "orders").unwrap();
    let key: Vec<_> = orders.primary_key.iter().map(|name| name.as_str()).collect();
    assert_eq!(key, ["region", "number"]);
    assert!(!orders.column("region").unwrap().nullable);
    for computed in ["total", "twice"] {
        assert_eq!(orders.column(computed).unwrap().generated, Generated::Stored);
    }
    assert_eq!(orders.column("loose").unwrap().data_type.base_name(), "any");
    let to_customers = &orders.foreign_keys[0];
    assert_eq!(to_customers.name.as_str(), "orders_customer_fkey");
    assert_eq!(to_customers.target.name.as_str(), "Customers");
    assert_eq!(to_customers.target_columns[0].as_str(), "id");

    let lines = schema.table(None, "lines").unwrap();
    assert!(!lines.column("id").unwrap().nullable);
    assert_eq!(lines.foreign_keys[0].columns.len(), 2);
    let keys: Vec<_> = lines.unique_keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(keys, ["by_qty"]);
    assert!(schema.table(None, "old").unwrap().column("code").unwrap().nullable);
    assert_eq!(schema.table(None, "totals").unwrap().kind, TableKind::View);
    assert_eq!(schema.table(None, "search").unwrap().kind, TableKind::ForeignTable);
}

#[tokio::test]
async fn views_are_read_and_their_counts_compared_as_numbers() {
    let subject = subject(
        "CREATE TABLE orders (region TEXT); CREATE VIEW totals AS
            SELECT region, count(*) AS n FROM orders GROUP BY region;
         INSERT INTO orders VALUES ('n'), ('n'), ('s')",
    )
    .await;
    for value in [json!(1), json!("1")] {
        let conditions = json!([{"column": "n", "operator": "gt", "value": value}]);
        let rows = subject.fetch(json!({"table_name": "totals", "conditions": conditions})).await;
        assert_eq!(rows, json!([{"region": "n", "n": 2}]));
    }
}

#[tokio::test]
async fn tables_with_triggers_are_told_however_the_trigger_spells_them() {
    let sql = "
        CREATE TABLE Watched (id INTEGER PRIMARY KEY);
        CREATE TABLE log (id INTEGER PRIMARY KEY, what TEXT);
        CREATE TRIGGER note AFTER INSERT ON watched BEGIN INSERT INTO log (what) VALUES ('new'); END;";
    let schema = subject(sql).await.schema().await;
    let reaches = |name: &str| schema.reaches_others(&schema.table(None, name).unwrap().name);
    assert!(reaches("Watched"));
    assert!(!reaches("log"));
}

#[tokio::test]
async fn checks_are_told_under_the_names_that_refusals_have() {
    let sql = "
        CREATE TABLE plain (id INTEGER PRIMARY KEY, note TEXT DEFAULT 'check (id > 0)');
        CREATE TABLE stock (
            id INTEGER PRIMARY KEY, qty INT CHECK ( qty >= 0 /* never owed */ ), due DATE,
            CONSTRAINT \"not before\" CHECK (due > '2000-01-01' OR qty IS NULL)
        ) STRICT;
        ALTER TABLE plain ADD COLUMN size INT CONSTRAINT small CHECK (size < 10);
        ALTER TABLE plain RENAME COLUMN size TO width;
        CREATE VIEW seen AS SELECT 'check (x)' AS x;";
    let sql = sql.replace(" DATE", " TEXT");
    let subject = subject(Box::leak(sql.into_boxed_str())).await;
    let rules = subject.backend.rules().await.unwrap();
    let told = rules.iter().map(|rule| {
        let columns: Vec<_> = rule.columns.iter().map(String::as_str).collect();
        (rule.table.to_string(), rule.name.as_str(), columns.join(","), rule.definition.as_str())
    });
    let expected = [
        ("public.plain", "small", "width", "CHECK (width < 10)"),
        ("public.stock", "qty >= 0 /* never owed */", "qty", "CHECK (qty >= 0 /* never owed */)"),
        ("public.stock", "not before", "qty,due", "CHECK (due > '2000-01-01' OR qty IS NULL)"),
    ];
    let expected = expected.map(|(table, name, columns, definition)| {
        (table.to_owned(), name, columns.to_owned(), definition)
    });
    assert_eq!(told.collect::<Vec<_>>(), expected);
    for (row, name) in [
        (json!({"id": 1, "qty": -1}), "qty >= 0 /* never owed */"),
        (json!({"id": 1, "qty": 1, "due": "1999-01-01"}), "not before"),
    ] {
        let body = json!({"table_name": "stock", "insert_body": row});
        let problem = refusal(&subject, Operation::Insert, body).await.problem();
        assert_eq!(problem.details["constraint"], name, "{problem:?}");
    }
}

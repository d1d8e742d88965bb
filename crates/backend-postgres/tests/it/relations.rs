//! Rows of related tables, casts and names, as PostgreSQL itself understands them.

use crate::support::{PATIENCE, backend, permit, rendered};
use backend::Backend;
use backend_postgres::Postgres;
use bytes::BytesMut;
use query::{
    Operation, Plan, Statement,
    plan::PlanLimits,
    request::{ParseOptions, ResponseCase, parse},
};
use serde_json::{Value, json};
use test_support::TestDatabase;

const SQL: &str = r#"
CREATE TABLE users (id int PRIMARY KEY, full_name text NOT NULL, boss_id int REFERENCES users, note text);
CREATE TABLE orders (id int PRIMARY KEY, buyer_id int NOT NULL CONSTRAINT orders_buyer_fkey REFERENCES users,
    seller_id int CONSTRAINT orders_seller_fkey REFERENCES users, status text NOT NULL, total numeric(20,2));
CREATE TABLE invoices (order_id int PRIMARY KEY REFERENCES orders, printed_at timestamptz);
CREATE TABLE products (id int PRIMARY KEY, t1 text NOT NULL);
CREATE TABLE order_products (order_id int REFERENCES orders, product_id int REFERENCES products, PRIMARY KEY (order_id, product_id));
INSERT INTO users VALUES (1, 'Ann', NULL, NULL), (2, 'Bob', 1, 'x'), (3, 'Cy', 1, NULL);
INSERT INTO orders VALUES (10, 1, 2, 'paid', 9007199254740993.10), (11, 1, NULL, 'open', 2), (12, 2, 1, 'paid', 3);
INSERT INTO invoices VALUES (10, '2024-05-06T07:08:09Z');
INSERT INTO products VALUES (7, 'Pen'), (8, 'Ink');
INSERT INTO order_products VALUES (10, 7), (10, 8), (12, 7);
CREATE TABLE things (id bigint PRIMARY KEY, token uuid, name text, code varchar(40), price numeric, ok bool, day date, at timestamptz, display_name text);
INSERT INTO things VALUES
    (1, '6F1E0F0E-0000-4000-8000-00000000BEEF', '6f1e0f0e-0000-4000-8000-00000000beef', '7', 1.50, true, '2024-01-02', '2024-01-02T03:04:05Z', 'D'),
    (2, NULL, 'other', 'x', NULL, NULL, NULL, NULL, NULL);
"#;

async fn shop() -> (TestDatabase, Postgres) {
    let database = TestDatabase::create().await;
    database.run(SQL).await;
    let postgres = backend(&database);
    (database, postgres)
}

async fn ran(postgres: &Postgres, statement: &Statement) -> String {
    let mut out = BytesMut::new();
    let ran = postgres.execute(&permit(), statement, PATIENCE, &mut out).await;
    ran.unwrap_or_else(|error| panic!("{error:?}: {}", statement.text()));
    String::from_utf8(out.to_vec()).unwrap()
}

async fn text(postgres: &Postgres, body: Value) -> String {
    ran(postgres, &rendered(postgres, Operation::Fetch, body).await).await
}

async fn rows(postgres: &Postgres, body: Value) -> Value {
    serde_json::from_str(&text(postgres, body).await).unwrap()
}

#[tokio::test]
async fn related_rows_stand_inside_their_rows() {
    let (_database, postgres) = shop().await;
    let body = json!({
        "table_name": "orders", "sort_by": {"field": "id"},
        "select": "id,total,buyer:users!orders_buyer_fkey(full_name),seller_id(full_name),invoices(printed_at),products(name:t1)",
    });
    assert_eq!(
        text(&postgres, body).await,
        concat!(
            r#"[{"id":10,"total":9007199254740993.10,"buyer":{"full_name":"Ann"},"seller_id":{"full_name":"Bob"},"invoices":{"printed_at":"2024-05-06T07:08:09+00:00"},"products":[{"name":"Pen"}, "#,
            "\n ",
            r#"{"name":"Ink"}]},{"id":11,"total":2.00,"buyer":{"full_name":"Ann"},"seller_id":null,"invoices":null,"products":[]},{"id":12,"total":3.00,"buyer":{"full_name":"Bob"},"seller_id":{"full_name":"Ann"},"invoices":null,"products":[{"name":"Pen"}]}]"#
        )
    );
    let body = json!({
        "table_name": "users", "sort_by": {"field": "id"}, "select": {
            "id": true,
            "orders": {"select": "id,products(id)", "via": "buyer_id", "where": {"total": {"gt": 1}}, "orderBy": {"id": "desc"}, "limit": 1},
        },
    });
    assert_eq!(
        rows(&postgres, body).await,
        json!([
            {"id": 1, "orders": [{"id": 11, "products": []}]},
            {"id": 2, "orders": [{"id": 12, "products": [{"id": 7}]}]},
            {"id": 3, "orders": []},
        ])
    );
}

#[tokio::test]
async fn a_table_that_refers_to_itself_is_followed_up_or_down() {
    let (_database, postgres) = shop().await;
    let read = async |select: &str| {
        rows(
            &postgres,
            json!({"table_name": "users", "select": select, "sort_by": {"field": "id"}}),
        )
        .await
    };
    let up = read("id,boss:boss_id(full_name)").await;
    assert_eq!((&up[0]["boss"], &up[1]["boss"]), (&json!(null), &json!({"full_name": "Ann"})));
    assert_eq!(read("id,boss:parent.users(full_name)").await, up);
    let down = read("id,team:child.users(id)").await;
    assert_eq!(down[0]["team"], json!([{"id": 2}, {"id": 3}]));
}

#[tokio::test]
async fn an_inner_relation_keeps_only_rows_that_have_one_and_is_counted_so() {
    let (_database, postgres) = shop().await;
    let body = json!({
        "table_name": "users", "select": "id,orders!orders_buyer_fkey!inner(id,products!inner(id))", "count": "exact",
        "conditions": [{"eq_column": "orders.status", "eq_value": "paid"}], "sort_by": {"field": "id"},
    });
    let found = rows(&postgres, body.clone()).await;
    assert_eq!(
        found,
        json!([
            {"id": 1, "orders": [{"id": 10, "products": [{"id": 7}, {"id": 8}]}]},
            {"id": 2, "orders": [{"id": 12, "products": [{"id": 7}]}]},
        ])
    );
    let request = parse(Operation::Fetch, body.to_string().as_bytes(), &ParseOptions::default());
    let schema = postgres.introspect().await.unwrap();
    let plan = Plan::resolve(request.unwrap(), &schema, PlanLimits { max_rows: 10 }).unwrap();
    let count = postgres.render_count(&plan).unwrap().unwrap();
    assert_eq!(postgres.count(&permit(), &count, PATIENCE).await.unwrap(), 2);
}

#[tokio::test]
async fn nulls_are_left_out_and_names_are_spelled_inside_related_rows_too() {
    let (_database, postgres) = shop().await;
    let body = json!({
        "table_name": "orders", "select": "id,seller_id,buyer:users!buyer_id(full_name,note)", "strip_nulls": true,
        "sort_by": {"field": "id"},
    });
    let options = ParseOptions { response_case: ResponseCase::Camel, ..ParseOptions::default() };
    let request = parse(Operation::Fetch, body.to_string().as_bytes(), &options).unwrap();
    let schema = postgres.introspect().await.unwrap();
    let plan = Plan::resolve(request, &schema, PlanLimits { max_rows: 10 }).unwrap();
    let found: Value =
        serde_json::from_str(&ran(&postgres, &postgres.render(&plan).unwrap()).await).unwrap();
    assert_eq!(found[0], json!({"id": 10, "sellerId": 2, "buyer": {"fullName": "Ann"}}));
    assert_eq!(found[1], json!({"id": 11, "buyer": {"fullName": "Ann"}}));
}

#[tokio::test]
async fn a_new_name_never_changes_what_is_sorted_by() {
    let (_database, postgres) = shop().await;
    let body = json!({"table_name": "users", "columns": "boss_id as id, full_name", "sort_by": {"field": "id", "direction": "desc"}});
    let found = rows(&postgres, body).await;
    let names: Vec<&Value> =
        found.as_array().unwrap().iter().map(|row| &row["full_name"]).collect();
    assert_eq!(names, ["Cy", "Bob", "Ann"]);
}

#[tokio::test]
async fn a_uuid_is_looked_for_in_columns_of_every_type() {
    let (_database, postgres) = shop().await;
    let upper = "6F1E0F0E-0000-4000-8000-00000000BEEF";
    let lower = upper.to_lowercase();
    let found = async |condition: Value| {
        rows(
            &postgres,
            json!({"table_name": "things", "columns": ["id"], "conditions": [condition]}),
        )
        .await
    };
    let (one, none) = (json!([{"id": 1}]), json!([]));
    for (column, value, expected) in [
        ("token", json!(upper), &one),
        ("token", json!(lower), &one),
        ("name", json!(lower), &one),
        // Text is text: its case counts.
        ("name", json!(upper), &none),
        ("id", json!(lower), &none),
        ("price", json!(lower), &none),
        ("day", json!(lower), &none),
        ("at", json!(lower), &none),
        ("ok", json!(lower), &none),
        ("code", json!(lower), &none),
    ] {
        for cast in [None, Some("text")] {
            let mut condition = json!({"column": column, "operator": "eq", "value": value});
            if let Some(cast) = cast {
                condition["column_cast"] = json!(cast);
            }
            assert_eq!(&found(condition.clone()).await, expected, "{condition}");
        }
    }
    let list = json!({"column": "id", "operator": "in", "value": [lower, 1]});
    assert_eq!(found(list).await, one);
    let like =
        json!({"column": "token", "operator": "like", "value": "6f1e%", "column_cast": "text"});
    assert_eq!(found(like).await, one);
}

#[tokio::test]
async fn conditions_compare_as_the_type_they_name() {
    let (_database, postgres) = shop().await;
    for condition in [
        json!({"column": "at", "operator": "eq", "value": "2024-01-02", "column_cast": "date"}),
        json!({"column": "price", "operator": "eq", "value": "1.50", "column_cast": "text"}),
        json!({"column": "price", "operator": "in", "value": ["1.50"], "column_cast": "varchar"}),
        json!({"column": "name", "operator": "eq", "value": "6F1E0F0E00004000800000000000BEEF", "value_cast": "uuid"}),
        json!({"column": "ok", "operator": "eq", "value": "yes", "value_cast": "bool"}),
        json!({"column": "ok", "operator": "neq", "value": "false", "column_cast": "text"}),
        json!({"column": "day", "operator": "gte", "value": "2024-01-01", "column_cast": "timestamptz"}),
        json!({"column": "id", "operator": "ilike", "value": "1%", "column_cast": "text"}),
    ] {
        let body = json!({"table_name": "things", "columns": ["id"], "conditions": [condition]});
        assert_eq!(text(&postgres, body).await, r#"[{"id":1}]"#, "{condition}");
    }
    // A text that is no number cannot be compared as one, so that row goes first.
    let code = json!({"column": "code", "operator": "eq", "value": 7, "column_cast": "int8"});
    let delete =
        rendered(&postgres, Operation::Delete, json!({"table_name": "things", "where": {"id": 2}}))
            .await;
    ran(&postgres, &delete).await;
    assert_eq!(
        rows(&postgres, json!({"table_name": "things", "columns": ["id"], "conditions": [code]}))
            .await,
        json!([{"id": 1}])
    );
}

#[tokio::test]
async fn a_name_is_never_more_than_a_name() {
    let (_database, postgres) = shop().await;
    let schema = postgres.introspect().await.unwrap();
    let plan = |columns: Value| {
        let body = json!({"table_name": "things", "columns": columns}).to_string();
        let request = parse(Operation::Fetch, body.as_bytes(), &ParseOptions::default())?;
        Ok::<_, query::RequestError>(Plan::resolve(request, &schema, PlanLimits { max_rows: 10 }))
    };
    for name in [
        "_', (select current_setting('server_version')), '",
        "_x",
        "display_', (select 1), '_name",
        "id\" FROM things; --",
    ] {
        if let Ok(resolved) = plan(json!([name])) {
            assert_eq!(resolved.unwrap_err().problem().code, "unknown_column", "{name}");
        }
    }
    // As another name it is only that.
    let alias = "x', (select current_user), '\"; --";
    let resolved =
        plan(json!([format!("\"{}\":id", alias.replace('"', "\"\""))])).unwrap().unwrap();
    let found: Value =
        serde_json::from_str(&ran(&postgres, &postgres.render(&resolved).unwrap()).await).unwrap();
    assert_eq!(found[0], json!({alias: 1}));
    // A near miss is answered under the name it was asked by.
    let near = plan(json!(["display_username"])).unwrap().unwrap();
    let found: Value =
        serde_json::from_str(&ran(&postgres, &postgres.render(&near).unwrap()).await).unwrap();
    assert_eq!(found[0], json!({"display_username": "D"}));
}

#[tokio::test]
async fn changes_say_how_many_rows_without_answering_them() {
    let (_database, postgres) = shop().await;
    for (operation, body) in [
        (
            Operation::Insert,
            json!({"table_name": "products", "insert_body": [{"id": 1, "t1": "a"}, {"id": 2, "t1": "b"}], "head": true}),
        ),
        (
            Operation::Update,
            json!({"table_name": "products", "set": {"t1": "c"}, "where": {"id": [1, 2]}, "head": true}),
        ),
        (
            Operation::Delete,
            json!({"table_name": "products", "where": {"id": [1, 2]}, "head": true}),
        ),
    ] {
        let statement = rendered(&postgres, operation, body).await;
        let mut out = BytesMut::new();
        let outcome = postgres.execute(&permit(), &statement, PATIENCE, &mut out).await.unwrap();
        assert_eq!(
            (&out[..], outcome.affected, outcome.returned),
            (&b"[]"[..], 2, 0),
            "{operation:?}"
        );
    }
}

#[tokio::test]
async fn rows_of_types_that_nobody_here_reads_come_back_as_json() {
    let database = TestDatabase::create().await;
    let sql = "
        CREATE TYPE span AS RANGE (subtype = text);
        CREATE TABLE odd (id int PRIMARY KEY, many int4multirange, lists int4multirange[], spot point,
            words tsvector, price money, span span, one int4range);
        INSERT INTO odd VALUES (1, '{[1,3),[5,7)}', '{\"{[1,2)}\"}', '(1,2)', 'a:1', '1.50', '[a,b]', '[1,2]');
        INSERT INTO odd (id) VALUES (2);";
    database.run(sql).await;
    let postgres = backend(&database);
    let body = json!({"table_name": "odd", "sort_by": [{"field": "many", "nulls": "last"}]});
    let empty = json!({"id": 2, "many": null, "lists": null, "spot": null, "words": null, "price": null, "span": null, "one": null});
    let full = json!({
        "id": 1, "many": "{[1,3),[5,7)}", "lists": ["{[1,2)}"], "spot": "(1,2)", "words": "'a':1",
        "price": "$1.50", "span": "[a,b]", "one": "[1,3)",
    });
    assert_eq!(rows(&postgres, body).await, json!([full, empty]));
    for (operator, value, found) in [
        ("contains", "{[5,6)}", 1),
        ("contained", "{[1,2)}", 0),
        ("eq", "{[1,3),[5,7)}", 1),
        ("neq", "{[1,3),[5,7)}", 0),
    ] {
        let conditions = json!([{"column": "many", "operator": operator, "value": value}]);
        let body = json!({"table_name": "odd", "columns": ["id"], "conditions": conditions});
        let len = rows(&postgres, body).await.as_array().unwrap().len();
        assert_eq!(len, found, "{operator} {value}");
    }
    let insert = json!({"table_name": "odd", "insert_body": {"id": 3, "many": "{[1,2)}", "spot": "(3,4)"}, "columns": ["many", "spot"]});
    let written = ran(&postgres, &rendered(&postgres, Operation::Insert, insert).await).await;
    assert_eq!(written, r#"[{"many":"{[1,2)}","spot":"(3,4)"}]"#);
}

#[tokio::test]
async fn a_composite_value_comes_back_whole_whatever_its_parts_are() {
    let database = TestDatabase::create().await;
    let sql = "
        CREATE DOMAIN words AS tsvector;
        CREATE TYPE plain AS (n int, at date);
        CREATE TYPE odd AS (spot point, words words, inner_one plain, many int4multirange[]);
        CREATE DOMAIN odd_domain AS odd;
        CREATE TABLE held (id int PRIMARY KEY, plain plain, odd odd, odds odd[], under odd_domain, named words);
        INSERT INTO held VALUES (1, (1, '2024-02-29'),
            ('(1,2)', 'a:1', (2, null), '{}'), array[('(3,4)', null, null, null)::odd],
            ('(5,6)', 'b:2', (3, '2024-01-01'), array['{[1,2)}'::int4multirange]), 'c:3');
        INSERT INTO held (id) VALUES (2);
        CREATE FUNCTION all_held() RETURNS SETOF held LANGUAGE sql STABLE AS $$ SELECT * FROM held $$;";
    database.run(sql).await;
    let postgres = backend(&database);
    let body = json!({"table_name": "held", "sort_by": [{"field": "id"}]});
    let full = json!({
        "id": 1, "plain": {"n": 1, "at": "2024-02-29"},
        "odd": {"spot": "(1,2)", "words": "'a':1", "inner_one": {"n": 2, "at": null}, "many": []},
        "odds": [{"spot": "(3,4)", "words": null, "inner_one": null, "many": null}],
        "under": {"spot": "(5,6)", "words": "'b':2", "inner_one": {"n": 3, "at": "2024-01-01"}, "many": ["{[1,2)}"]},
        "named": "'c':3",
    });
    let empty =
        json!({"id": 2, "plain": null, "odd": null, "odds": null, "under": null, "named": null});
    assert_eq!(rows(&postgres, body).await, json!([full, empty]));
}

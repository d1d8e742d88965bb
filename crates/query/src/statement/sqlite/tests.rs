use super::*;
use crate::plan::{PlanLimits, samples};
use crate::request::{Operation, ParseOptions, parse};
use catalog::{
    Column, DataType, Generated, QualifiedName, SchemaCache, Table, TableKind, TypeKind,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn column(name: &str, base: &str, default: Option<&str>) -> Column {
    Column {
        name: samples::ident(name),
        data_type: DataType { oid: 0, sql: base.to_owned(), kind: TypeKind::Base(base.to_owned()) },
        nullable: name != "id",
        default: default.map(str::to_owned),
        generated: Generated::Never,
        comment: None,
    }
}

fn cache() -> SchemaCache {
    let columns = [
        column("id", "int8", None),
        column("n", "int8", Some("7")),
        column("ratio", "float8", None),
        column("price", "numeric", None),
        column("ok", "bool", Some("TRUE")),
        column("token", "uuid", None),
        column("name", "text", Some("'it''s'")),
        column("day", "date", None),
        column("at", "timestamp", Some("CURRENT_TIMESTAMP")),
        column("seen", "timestamptz", None),
        column("hour", "time", None),
        column("doc", "json", None),
        column("raw", "bytea", None),
        column("loose", "any", None),
        column("made", "text", Some("(lower('X'))")),
        column("a \"b\" 名前", "text", None),
    ];
    let (schema, name) = (samples::ident("public"), samples::ident("t \"1\""));
    let table = Table {
        name: QualifiedName::new(schema, name),
        kind: TableKind::Table,
        columns: columns.to_vec(),
        primary_key: vec![samples::ident("id")],
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    };
    SchemaCache::new("SQLite".to_owned(), vec!["public".to_owned()], vec![table], Vec::new())
}

fn rendered(operation: Operation, mut body: Value) -> Result<Statement, RenderError> {
    body["table_name"] = json!("t \"1\"");
    let text = body.to_string();
    let request = parse(operation, text.as_bytes(), &ParseOptions::default()).unwrap();
    render(&Plan::resolve(request, &cache(), PlanLimits { max_rows: 1_000 }).unwrap())
}

fn condition(column: &str, operator: &str, value: Value) -> Result<(String, Vec<Param>), String> {
    let conditions = json!([{"column": column, "operator": operator, "value": value}]);
    let body = json!({"columns": ["id"], "conditions": conditions});
    let statement = rendered(Operation::Fetch, body).map_err(|error| error.problem().message)?;
    let start = r#"SELECT "t ""1"""."id" FROM main."t ""1""" WHERE "#;
    let text = statement.text().strip_prefix(start).unwrap();
    let text = text[..text.find(" LIMIT ").unwrap()].replace(r#""t ""1"""."#, "t.");
    let params = statement.params().to_vec();
    Ok((text, params))
}

fn text(text: &str) -> Param {
    Param::Text(text.to_owned())
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line for each case is the point")]
fn every_kind_of_condition_is_said_in_the_columns_storage_class() {
    let uuid = "6f1e0f0e-0000-4000-8000-00000000beef";
    for (column, operator, value, expected, param) in [
        ("id", "eq", json!(1), r#"t."id" = $1"#, Param::Int8(1)),
        ("n", "lt", json!("5"), r#"t."n" < $1"#, Param::Int8(5)),
        ("ratio", "gte", json!(1.5), r#"t."ratio" >= $1"#, Param::Float8(1.5)),
        ("price", "gt", json!("9.50"), r#"t."price" > $1"#, text("9.50")),
        ("price", "gt", json!(9), r#"t."price" > $1"#, Param::Int8(9)),
        ("ok", "neq", json!(true), r#"t."ok" <> $1"#, Param::Int8(1)),
        ("token", "eq", json!(uuid.to_uppercase()), r#"t."token" = $1"#, text(uuid)),
        ("day", "lte", json!("2024-01-31"), r#"t."day" <= $1"#, text("2024-01-31")),
        (
            "at",
            "gt",
            json!("2024-01-31T10:00:00+02:00"),
            r#"t."at" > $1"#,
            text("2024-01-31 10:00:00"),
        ),
        ("at", "gt", json!("2024-01-31T10:00:00Z"), r#"t."at" > $1"#, text("2024-01-31 10:00:00")),
        (
            "seen",
            "gt",
            json!("2024-01-31T10:00:00.5+02:00"),
            r#"t."seen" > $1"#,
            text("2024-01-31 08:00:00.5"),
        ),
        ("seen", "gt", json!("2024-01-31"), r#"t."seen" > $1"#, text("2024-01-31 00:00:00")),
        ("seen", "gt", json!(1_700_000_000), r#"t."seen" > $1"#, Param::Int8(1_700_000_000)),
        ("hour", "eq", json!("9:30"), "", text("")),
        ("hour", "eq", json!("09:30"), r#"t."hour" = $1"#, text("09:30:00")),
        ("raw", "eq", json!("\\xBEEF"), r#"t."raw" = unhex($1)"#, text("BEEF")),
        ("raw", "eq", json!("AB"), r#"t."raw" = unhex($1)"#, text("4142")),
        ("loose", "eq", json!("x"), r#"t."loose" = $1"#, text("x")),
        ("loose", "eq", json!(5), r#"t."loose" = $1"#, Param::Int8(5)),
        (
            "loose",
            "gt",
            json!("5"),
            r#"t."loose" > CASE typeof(t."loose") WHEN 'text' THEN $1 ELSE CAST($1 AS NUMERIC) END"#,
            text("5"),
        ),
        (
            "id",
            "in",
            json!([1, 2]),
            r#"t."id" IN (SELECT json_each.value FROM json_each($1))"#,
            text("[1,2]"),
        ),
        (
            "name",
            "not_in",
            json!(["a'\"", "b"]),
            r#"t."name" NOT IN (SELECT json_each.value FROM json_each($1))"#,
            text(r#"["a'\"","b"]"#),
        ),
        (
            "raw",
            "in",
            json!(["\\x01"]),
            r#"t."raw" IN (SELECT unhex(json_each.value) FROM json_each($1))"#,
            text(r#"["01"]"#),
        ),
        (
            "price",
            "in",
            json!(["9.50", 3]),
            r#"t."price" IN (SELECT json_each.value FROM json_each($1))"#,
            text("[9.5,3]"),
        ),
        ("name", "like", json!(r"50\%_*?[%\"), r#"t."name" GLOB $1"#, text(r"50%?[*][?][[]*\")),
        ("name", "ilike", json!("x%"), r#"t."name" LIKE $1 ESCAPE '\'"#, text("x%")),
        ("a \"b\" 名前", "eq", json!("x"), r#"t."a ""b"" 名前" = $1"#, text("x")),
    ] {
        let found = condition(column, operator, value.clone());
        if expected.is_empty() {
            assert!(found.is_err(), "{column} {value}");
            continue;
        }
        assert_eq!(found, Ok((expected.to_owned(), vec![param])), "{column} {operator} {value}");
    }
    for (column, operator, value, expected) in [
        ("ok", "is", json!("unknown"), r#"t."ok" IS NULL"#),
        ("ok", "is", json!(true), r#"t."ok" IS TRUE"#),
        ("doc", "is", json!(null), r#"t."doc" IS NULL"#),
        ("id", "in", json!([]), "FALSE"),
    ] {
        assert_eq!(condition(column, operator, value).unwrap().0, expected);
    }
}

#[test]
fn what_sqlite_cannot_do_is_said_before_any_statement() {
    for (column, operator, value) in [
        ("doc", "contains", json!({"a": 1})),
        ("doc", "eq", json!({"a": 1})),
        ("doc", "in", json!([1])),
        ("ok", "like", json!("t%")),
        ("raw", "ilike", json!("%")),
    ] {
        let conditions = json!([{"column": column, "operator": operator, "value": value}]);
        let refused = rendered(Operation::Fetch, json!({"conditions": conditions})).unwrap_err();
        let problem = refused.problem();
        assert_eq!((problem.status, problem.code.as_str()), (501, "not_supported_by_backend"));
    }
    let rows = json!([{"made": "x"}, {"name": "y"}]);
    let refused = rendered(Operation::Insert, json!({"insert_body": rows})).unwrap_err();
    assert_eq!(refused.problem().status, 501);
}

#[test]
fn values_that_would_not_survive_are_refused() {
    for (column, value) in [
        ("price", json!("0.1234567890123456")),
        ("price", json!("NaN")),
        ("price", json!("1e400")),
        ("ratio", json!("NaN")),
        ("day", json!("2024-02-30")),
        ("at", json!("yesterday")),
        ("raw", json!("\\xabc")),
        ("raw", json!("a\\b")),
    ] {
        let body = json!({"insert_body": {column: value}});
        let problem = rendered(Operation::Insert, body).unwrap_err().problem();
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_input"), "{column}");
    }
    for value in [json!(9_007_199_254_740_993_i64), json!("123456789012.345"), json!("-0.001")] {
        rendered(Operation::Insert, json!({"insert_body": {"price": value}})).unwrap();
    }
}

#[test]
fn a_read_has_postgresqls_order_of_nulls_and_its_window() {
    let body = json!({
        "columns": ["id"], "limit": 5, "offset": 10,
        "sort_by": [{"field": "price", "direction": "desc"}, {"field": "name"}, {"field": "id"}],
    });
    let statement = rendered(Operation::Fetch, body).unwrap();
    assert_eq!(
        statement.text(),
        r#"SELECT "t ""1"""."id" FROM main."t ""1""" ORDER BY "t ""1"""."price" DESC NULLS FIRST, "t ""1"""."name" ASC NULLS LAST, "t ""1"""."id" ASC LIMIT 5 OFFSET $1"#
    );
    assert_eq!(statement.params(), [Param::Int8(10)]);
}

#[test]
fn a_missing_value_is_the_columns_default() {
    let rows = json!([{"id": 1, "n": 1, "ok": false, "name": "x", "at": null, "ratio": 1}, {}]);
    let body = json!({"columns": ["id"], "insert_body": rows});
    let statement = rendered(Operation::Insert, body).unwrap();
    assert_eq!(
        statement.text(),
        r#"INSERT INTO main."t ""1""" ("id", "n", "ratio", "ok", "name", "at") VALUES ($1, $2, $3, $4, $5, $6), (NULL, $7, NULL, TRUE, $8, CURRENT_TIMESTAMP) RETURNING "t ""1"""."id""#
    );
    assert_eq!(statement.params()[6..], [Param::Int8(7), text("it's")]);
}

#[test]
fn upserts_updates_and_deletes_answer_the_rows_they_touched() {
    let conditions = json!([{"eq_column": "id", "eq_value": 7}]);
    for (operation, body, expected) in [
        (
            Operation::Insert,
            json!({"columns": ["id"], "insert_body": {"id": 1, "n": 2}, "on_conflict": "id"}),
            r#"INSERT INTO T ("id", "n") VALUES ($1, $2) ON CONFLICT ("id") DO UPDATE SET "n" = EXCLUDED."n" RETURNING t."id""#,
        ),
        (
            Operation::Insert,
            json!({"columns": ["id"], "insert_body": {"id": 1}, "update_body": {"raw": null}}),
            r#"INSERT INTO T ("id") VALUES ($1) ON CONFLICT ("id") DO UPDATE SET "raw" = unhex($2) RETURNING t."id""#,
        ),
        (
            Operation::Update,
            json!({"columns": ["id"], "set": {"doc": {"b": [1]}}, "conditions": conditions}),
            r#"UPDATE T SET "doc" = $1 WHERE t."id" = $2 RETURNING t."id""#,
        ),
        (
            Operation::Delete,
            json!({"columns": ["id"], "conditions": conditions}),
            r#"DELETE FROM T WHERE t."id" = $1 RETURNING t."id""#,
        ),
    ] {
        let text = rendered(operation, body).unwrap().text().to_owned();
        let short = text.replace(r#"main."t ""1""""#, "T").replace(r#""t ""1"""."#, "t.");
        assert_eq!(short, expected);
    }
}

#[test]
fn more_values_than_sqlite_can_number_are_refused() {
    let rows: Vec<Value> =
        (0..9_000).map(|n| json!({"id": n, "n": n, "ok": true, "name": ""})).collect();
    let problem = rendered(Operation::Insert, json!({"insert_body": rows})).unwrap_err().problem();
    assert_eq!((problem.status, problem.code.as_str()), (413, "too_many_values"));
}

proptest! {
    #[test]
    fn no_value_ever_stands_in_the_text(text in "zq[a-z'\";()$? é名-]{0,6}qz", number in any::<i64>()) {
        let row = json!({"name": text, "doc": {"k": text}, "loose": text, "raw": text, "n": number});
        let conditions = json!([
            {"column": "name", "operator": "ilike", "value": text},
            {"column": "name", "operator": "like", "value": text},
            {"column": "loose", "operator": "gt", "value": text},
            {"column": "name", "operator": "in", "value": [text, "x"]},
            {"column": "raw", "operator": "neq", "value": text},
            {"column": "n", "operator": "lt", "value": number},
        ]);
        for (operation, body) in [
            (Operation::Insert, json!({"insert_body": row, "update_body": row})),
            (Operation::Update, json!({"set": row, "conditions": conditions})),
            (Operation::Delete, json!({"conditions": conditions})),
            (Operation::Fetch, json!({"conditions": conditions})),
        ] {
            let statement = rendered(operation, body).unwrap();
            prop_assert!(!statement.text().contains("zq"), "{}", statement.text());
            for number in 1..=statement.params().len() {
                let place = format!("${number}");
                prop_assert!(statement.text().contains(&place));
            }
        }
    }

    #[test]
    fn a_statement_is_the_same_for_other_values(list in prop::collection::vec(any::<i32>(), 1..50), day in 1..29_u8) {
        let text = |list: Value, day: u8| {
            let at = format!("2024-01-{day:02}");
            let body = json!({"where": {"n": {"in": list}, "at": {"gt": at}, "price": {"lt": day}}});
            rendered(Operation::Fetch, body).unwrap().text().to_owned()
        };
        prop_assert_eq!(text(json!(list), day), text(json!([0]), 1));
    }

    #[test]
    fn no_text_makes_a_value_panic(text in ".{0,40}") {
        for column in ["price", "ratio", "day", "at", "seen", "hour", "raw", "loose", "ok", "token"] {
            let body = json!({"table_name": "t \"1\"", "where": {column: {"eq": text}}}).to_string();
            let Ok(request) = parse(Operation::Fetch, body.as_bytes(), &ParseOptions::default()) else { continue };
            if let Ok(plan) = Plan::resolve(request, &cache(), PlanLimits { max_rows: 10 }) {
                let _either_way = render(&plan);
            }
        }
    }
}

#[test]
fn a_bounded_change_chooses_its_rows_by_their_key() {
    let body = json!({
        "columns": ["id"], "limit": 2, "sort_by": {"field": "n", "direction": "desc"},
        "conditions": [{"eq_column": "n", "eq_value": 1}],
    });
    let statement = rendered(Operation::Delete, body).unwrap();
    assert_eq!(
        statement.text().replace(r#""t ""1"""."#, "t."),
        r#"DELETE FROM main."t ""1""" WHERE t."n" = $1 AND (t."id") IN (SELECT t."id" FROM main."t ""1""" WHERE t."n" = $2 ORDER BY t."n" DESC NULLS FIRST, t."id" ASC LIMIT 2) RETURNING t."id""#
    );
    assert_eq!(statement.params().len(), 2);
}

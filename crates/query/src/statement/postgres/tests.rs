use super::*;
use crate::plan::{PlanLimits, samples::cache};
use crate::request::{Operation, ParseOptions, parse};
use crate::statement::Param;
use serde_json::{Value, json};

fn plan(operation: Operation, body: &Value) -> Plan {
    let body = body.to_string();
    let request = parse(operation, body.as_bytes(), &ParseOptions::default()).unwrap();
    Plan::resolve(request, &cache(), PlanLimits { max_rows: 1_000 }).unwrap()
}

fn statement(operation: Operation, body: Value) -> Statement {
    render(&plan(operation, &body)).unwrap()
}

fn condition_text(column: &str, operator: &str, value: Value) -> String {
    let conditions = json!([{"column": column, "operator": operator, "value": value}]);
    let body = json!({"table_name": "things", "columns": ["id"], "conditions": conditions});
    let text = statement(Operation::Fetch, body).text().to_owned();
    let start = r#"SELECT "id" FROM "public"."things""#;
    let rest = text.strip_prefix(start).unwrap();
    let end = rest.find(" LIMIT ").unwrap();
    rest[..end].trim_start_matches(" WHERE ").to_owned()
}

#[test]
fn every_kind_of_condition_is_said_in_the_columns_own_type() {
    for (column, operator, value, expected) in [
        ("id", "eq", json!(1), r#""id" = $1::int8"#),
        ("small", "lt", json!(1), r#""small" < $1::int2"#),
        ("ratio", "gte", json!(1), r#""ratio" >= $1::float8"#),
        ("price", "gt", json!("9.5"), r#""price" > $1::text::numeric"#),
        ("ok", "neq", json!(true), r#""ok" <> $1::bool"#),
        ("token", "eq", json!("6f1e0f0e-0000-4000-8000-00000000beef"), r#""token" = $1::uuid"#),
        ("name", "eq", json!("x"), r#""name" = $1::text"#),
        ("code", "eq", json!("long"), r#""code" = $1::text"#),
        ("email", "eq", json!("x"), r#""email" = $1::text"#),
        ("day", "lte", json!("2024-01-01"), r#""day" <= $1::text::date"#),
        ("at", "lte", json!("2024-01-01"), r#""at" <= $1::text::timestamptz"#),
        ("doc", "eq", json!("x"), r#""doc" = $1::text::jsonb"#),
        ("raw", "eq", json!({"a": 1}), r#""raw"::jsonb = $1::text::jsonb"#),
        ("raw", "contains", json!({"a": 1}), r#""raw"::jsonb @> $1::text::jsonb"#),
        ("mood", "eq", json!("sad"), r#""mood" = $1::text::mood"#),
        ("tags", "contains", json!(["a"]), r#""tags" @> $1::text::text[]"#),
        ("prices", "contained", json!([1]), r#""prices" <@ $1::text::numeric[]"#),
        ("span", "contains", json!("[1,2)"), r#""span" @> $1::text::int4range"#),
        ("id", "in", json!([1, 2, 3]), r#""id" = ANY($1::text::int8[])"#),
        ("code", "not_in", json!(["a"]), r#""code" <> ALL($1::text::varchar[])"#),
        ("raw", "in", json!([1, {"a": 2}]), r#""raw"::jsonb = ANY($1::text::jsonb[])"#),
        (
            "tags",
            "in",
            json!([["a"], []]),
            r#"("tags" = $1::text::text[] OR "tags" = $2::text::text[])"#,
        ),
        ("tags", "not_in", json!([["a"]]), r#""tags" <> $1::text::text[]"#),
        ("id", "in", json!([]), "FALSE"),
        ("id", "not_in", json!([]), ""),
        ("name", "like", json!("x%"), r#""name" LIKE $1::text"#),
        ("id", "ilike", json!("%7%"), r#""id"::text ILIKE $1::text"#),
        ("ok", "is", json!("unknown"), r#""ok" IS UNKNOWN"#),
        ("id", "is", json!(null), r#""id" IS NULL"#),
        ("id", "neq", json!(null), r#""id" IS NOT NULL"#),
        ("id", "not.eq", json!(1), r#"NOT ("id" = $1::int8)"#),
        ("a \"b\" 名前", "eq", json!("x"), r#""a ""b"" 名前" = $1::text"#),
    ] {
        assert_eq!(condition_text(column, operator, value), expected, "{column} {operator}");
    }
}

#[test]
fn groups_stand_in_parentheses() {
    let body = json!({
        "table_name": "things", "columns": ["id"],
        "conditions": [
            {"eq_column": "n", "eq_value": 1},
            {"or": [{"eq_column": "ok", "eq_value": true}, {"not": {"a \"b\" 名前": {"eq": "x"}}}]},
        ],
    });
    let text = statement(Operation::Fetch, body).text().to_owned();
    let expected =
        r#" WHERE ("n" = $1::int4 AND ("ok" = $2::bool OR NOT ("a ""b"" 名前" = $3::text))) LIMIT"#;
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_read_has_its_order_and_its_window() {
    let body = json!({
        "table_name": "things", "columns": ["id", "name", "id"], "limit": 5, "offset": 10,
        "sort_by": [{"field": "price", "direction": "desc", "nulls": "last"}, {"field": "id"}],
    });
    let made = statement(Operation::Fetch, body);
    assert_eq!(
        made.text(),
        r#"SELECT "id", "name" FROM "public"."things" ORDER BY "price" DESC NULLS LAST, "id" ASC LIMIT 5 OFFSET $1::int8"#
    );
    assert_eq!(made.params(), [Param::Int8(10)]);
    let unusual = json!({"table_name": "things", "columns": ["id"], "limit": 123});
    let unusual = statement(Operation::Fetch, unusual);
    assert_eq!(unusual.text(), r#"SELECT "id" FROM "public"."things" LIMIT $1::int8"#);
    assert_eq!(unusual.params(), [Param::Int8(123)]);
}

#[test]
fn the_database_makes_json_of_types_that_nobody_here_reads() {
    let body = json!({"table_name": "things", "columns": ["span"], "sort_by": {"field": "span"}});
    assert_eq!(
        statement(Operation::Fetch, body).text(),
        r#"SELECT to_json(t1."span") AS "span" FROM "public"."things" AS t1 ORDER BY t1."span" ASC LIMIT 100"#
    );
}

#[test]
fn a_count_has_the_same_conditions_and_no_window() {
    let body = json!({
        "table_name": "things", "count": "exact", "limit": 5, "sort_by": {"field": "id"},
        "conditions": [{"eq_column": "n", "eq_value": 1}],
    });
    let plan = plan(Operation::Fetch, &body);
    let count = render_count(&plan).unwrap().unwrap();
    let expected = r#"SELECT count(*) AS "count" FROM "public"."things" WHERE "n" = $1::int4"#;
    assert_eq!((count.text(), count.params()), (expected, &[Param::Int4(1)][..]));
    let uncounted = json!({"table_name": "things"});
    assert_eq!(render_count(&self::plan(Operation::Fetch, &uncounted)).unwrap(), None);
}

#[test]
fn a_limit_above_the_maximum_is_lowered_and_said() {
    let Plan::Read(plan) = plan(Operation::Fetch, &json!({"table_name": "things", "limit": 5_000}))
    else {
        panic!("a read")
    };
    assert_eq!((plan.window().limit, plan.limit_clamped()), (1_000, true));
}

#[test]
fn inserts_name_the_union_of_their_columns_in_table_order() {
    let body = json!({
        "table_name": "things", "columns": ["id"], "strip_nulls": true,
        "insert_body": [{"name": "x", "n": null}, {"id": 1}],
    });
    let statement = statement(Operation::Insert, body);
    assert_eq!(
        statement.text(),
        r#"INSERT INTO "public"."things" ("id", "n", "name") VALUES (DEFAULT, $1::int4, $2::text), ($3::int8, DEFAULT, DEFAULT) RETURNING "id""#
    );
    assert_eq!(statement.params(), [Param::Null, Param::Text("x".to_owned()), Param::Int8(1)]);
    assert_eq!(statement.rows(), RowsWanted::ObjectsWithoutNulls);
}

#[test]
fn upserts_say_what_becomes_of_the_row_that_is_there() {
    for (extra, expected) in [
        (json!({"update_body": {"n": 2}}), r#"("id") DO UPDATE SET "n" = $3::int4"#),
        (json!({"update_body": {}}), r#"("id") DO NOTHING"#),
        (json!({"on_conflict": "name"}), r#"("name") DO UPDATE SET "id" = EXCLUDED."id""#),
        (json!({"on_conflict": ["id", "name"]}), r#"("id", "name") DO NOTHING"#),
    ] {
        let mut body = json!({"table_name": "things", "columns": ["id"], "insert_body": {"id": 1, "name": "x"}});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let text = statement(Operation::Insert, body).text().to_owned();
        let start = r#"INSERT INTO "public"."things" ("id", "name") VALUES ($1::int8, $2::text) ON CONFLICT "#;
        assert_eq!(text, format!(r#"{start}{expected} RETURNING "id""#));
    }
}

#[test]
fn updates_and_deletes_answer_the_rows_they_touched() {
    let update = json!({
        "table_name": "things", "columns": "id", "data": null, "update_body": {"doc": "x", "mood": null},
        "conditions": [{"eq_column": "id", "eq_value": 7}],
    });
    let update = statement(Operation::Update, update);
    assert_eq!(
        update.text(),
        r#"UPDATE "public"."things" SET "doc" = $1::text::jsonb, "mood" = $2::text::mood WHERE "id" = $3::int8 RETURNING "id""#
    );
    let expected = [Param::Text("\"x\"".to_owned()), Param::Null, Param::Int8(7)];
    assert_eq!(update.params(), expected);
    let delete = json!({"table_name": "things", "columns": "id", "resource_id": "7"});
    let delete = statement(Operation::Delete, delete);
    let text = r#"DELETE FROM "public"."things" WHERE "id" = $1::int8 RETURNING "id""#;
    assert_eq!((delete.text(), delete.params()), (text, &[Param::Int8(7)][..]));
}

#[test]
fn a_bounded_change_chooses_its_rows_by_their_key() {
    let conditions = json!([{"eq_column": "n", "eq_value": 1}]);
    let update = json!({
        "table_name": "things", "columns": "id", "set": {"ok": true}, "conditions": conditions,
        "sort_by": {"field": "price", "direction": "desc"}, "limit": 2, "offset": 1,
    });
    let update = statement(Operation::Update, update);
    assert_eq!(
        update.text(),
        r#"UPDATE "public"."things" SET "ok" = $1::bool WHERE "n" = $2::int4 AND ("id") IN (SELECT "id" FROM "public"."things" WHERE "n" = $3::int4 ORDER BY "price" DESC, "id" ASC LIMIT 2 OFFSET $4::int8) RETURNING "id""#
    );
    assert_eq!(update.params()[3..], [Param::Int8(1)]);
    let delete = json!({
        "table_name": "pairs", "head": true, "limit": 1, "sort_by": {"field": "b"},
        "conditions": [{"column": "a", "operator": "gt", "value": 1}],
    });
    assert_eq!(
        statement(Operation::Delete, delete).text(),
        r#"DELETE FROM "public"."pairs" WHERE "a" > $1::int4 AND ("a", "b") IN (SELECT "a", "b" FROM "public"."pairs" WHERE "a" > $2::int4 ORDER BY "b" ASC, "a" ASC LIMIT 1)"#
    );
}

#[test]
fn what_cannot_be_meant_is_refused_before_any_statement() {
    use Operation::{Delete, Insert, Update};
    for (operation, body, code) in [
        (
            Update,
            json!({"table_name": "things", "set": {"n": 1}, "conditions": [{"column": "n", "operator": "not_in", "value": []}]}),
            "invalid_condition",
        ),
        (
            Delete,
            json!({"table_name": "things", "conditions": [{"not": {"n": {"in": []}}}]}),
            "invalid_condition",
        ),
        (Delete, json!({"table_name": "pairs", "resource_id": 1}), "composite_key"),
        (Delete, json!({"table_name": "keyless", "resource_id": 1}), "no_primary_key"),
        (
            Delete,
            json!({"table_name": "keyless", "limit": 1, "conditions": [{"eq_column": "a", "eq_value": 1}]}),
            "no_primary_key",
        ),
        (
            Update,
            json!({"table_name": "things", "set": {"n": 1}, "limit": 1, "sort_by": {"field": "nope"}, "conditions": [{"eq_column": "n", "eq_value": 1}]}),
            "unknown_column",
        ),
        (Delete, json!({"table_name": "things", "resource_id": "seven"}), "invalid_input"),
        (
            Insert,
            json!({"table_name": "keyless", "insert_body": {"a": 1}, "update_body": {}}),
            "no_primary_key",
        ),
        (Insert, json!({"table_name": "things", "insert_body": {"total": 1}}), "generated_column"),
        (
            Insert,
            json!({"table_name": "things", "insert_body": [{"n": 1}, {"nope": 1}]}),
            "unknown_column",
        ),
        (
            Insert,
            json!({"table_name": "things", "insert_body": {"n": 1}, "on_conflict": "nope"}),
            "unknown_column",
        ),
        (Insert, json!({"table_name": "x".repeat(64), "insert_body": {"n": 1}}), "invalid_name"),
        (Insert, json!({"table_name": "a\u{0}", "insert_body": {"n": 1}}), "invalid_name"),
    ] {
        let text = body.to_string();
        let request = parse(operation, text.as_bytes(), &ParseOptions::default()).unwrap();
        let refused = Plan::resolve(request, &cache(), PlanLimits { max_rows: 10 }).unwrap_err();
        assert_eq!(refused.problem().code, code, "{body}");
    }
}

#[test]
fn more_values_than_the_wire_can_number_are_refused() {
    let rows: Vec<Value> = (0..9_000).map(|n| json!({"id": n, "n": n, "small": 1, "name": "", "code": "", "ok": true, "day": "", "ratio": 0})).collect();
    let plan = plan(Operation::Insert, &json!({"table_name": "things", "insert_body": rows}));
    let problem = render(&plan).unwrap_err().problem();
    assert_eq!((problem.status, problem.code.as_str()), (413, "too_many_values"));
}

#[test]
fn rows_of_one_shape_have_one_text_however_many_they_are() {
    let row = |id: i64, name: &str| {
        let row = json!({"id": id, "name": name, "doc": {"a": 1}, "tags": ["x"]});
        let body = json!({"table_name": "things", "insert_body": row, "columns": ["id", "name"]});
        plan(Operation::Insert, &body).lone_row().unwrap()
    };
    let ((shape, one), (same, two)) = (row(1, "a"), row(2, r#"b","c"#));
    assert_eq!(shape, same);
    let alone = Statement::postgres_rows(&shape, std::slice::from_ref(&one)).unwrap();
    let both = Statement::postgres_rows(&shape, &[one, two]).unwrap();
    assert_eq!(alone.text(), both.text());
    let expected = r#"INSERT INTO "public"."things" ("id", "name", "doc", "tags") SELECT c1::int8, c2, c3::jsonb, c4::text[] FROM unnest($1::text::text[], $2::text::text[], $3::text::text[], $4::text::text[]) WITH ORDINALITY AS r (c1, c2, c3, c4, n) ORDER BY n RETURNING "id", "name""#;
    assert_eq!(both.text(), expected);
    let text = |text: &str| Param::Text(text.to_owned());
    assert_eq!(both.params()[0], text("{1,2}"));
    assert_eq!(both.params()[1], text(r#"{"a","b\",\"c"}"#));
    assert_eq!(both.access(), crate::plan::Access::ReadWrite);
}

#[test]
fn what_depends_on_other_rows_is_no_lone_row() {
    let body = |more: Value| {
        let mut body = json!({"table_name": "things", "insert_body": {"id": 1}});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let is_lone = |more: Value| plan(Operation::Insert, &body(more)).lone_row().is_some();
    assert!(is_lone(json!({})));
    assert!(!is_lone(json!({"update_body": {"name": "x"}})));
    assert!(!is_lone(json!({"insert_body": [{"id": 1}, {"id": 2}]})));
}

//! Every type's JSON equals what PostgreSQL's own `to_json` gives, for edges and thousands of random values.

use crate::support::{PATIENCE, backend, read, reading, run};
use backend_postgres::RenderedSql;
use query::statement::RowsWanted;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use test_support::TestDatabase;

/// Compare our bytes with the server's for every row of `values(id, v)`.
async fn compare(database: &TestDatabase, connection: &mut PgConnection, type_name: &str) -> usize {
    let postgres = backend(database);
    let ours = read(&postgres, "SELECT v FROM values ORDER BY id").await;
    let rows = sqlx::query("SELECT coalesce(to_json(v)::text, 'null') FROM values ORDER BY id")
        .fetch_all(connection)
        .await
        .unwrap();
    let theirs: Vec<String> = rows.iter().map(|row| row.get::<String, _>(0)).collect();
    let mut rest = ours.strip_prefix('[').unwrap();
    for expected in &theirs {
        let row = format!("{{\"v\":{expected}}}");
        let found = rest.get(..row.len()).unwrap_or(rest);
        assert_eq!(found, row, "{type_name}");
        rest = &rest[row.len() + 1..];
    }
    assert_eq!(rest, "", "{type_name}");
    theirs.len()
}

async fn session(database: &TestDatabase) -> PgConnection {
    let mut connection = database.connect().await;
    let settings = "SET timezone = 'UTC'; SET extra_float_digits = 1; SET datestyle = 'ISO'";
    sqlx::raw_sql(settings).execute(&mut connection).await.unwrap();
    connection
}

/// Fill `values` from literals and from one SQL expression over `i`.
async fn check(database: &TestDatabase, type_name: &str, literals: &[&str], random: &str) {
    let mut connection = session(database).await;
    let literals = literals.iter().map(|text| format!("({text}::{type_name})"));
    let literals = literals.chain([format!("(NULL::{type_name})")]).collect::<Vec<_>>().join(",");
    let sql = format!(
        "DROP TABLE IF EXISTS values;
         CREATE TABLE values (id bigint GENERATED ALWAYS AS IDENTITY, v {type_name});
         SELECT setseed(0.42);
         INSERT INTO values (v) VALUES {literals};
         INSERT INTO values (v) SELECT {random} FROM generate_series(1, 2000) AS i;"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    assert!(compare(database, &mut connection, type_name).await > 2000);
}

#[tokio::test]
async fn booleans_and_integers_are_written_as_postgresql_writes_them() {
    let database = TestDatabase::create().await;
    check(&database, "bool", &["true", "false"], "random() < 0.5").await;
    check(&database, "int2", &["'-32768'", "32767", "0", "-1"], "(random()*65535-32768)::int2")
        .await;
    check(&database, "int4", &["'-2147483648'", "2147483647", "0"], "(random()*4e9-2e9)::int4")
        .await;
    let edges = ["'-9223372036854775808'", "9223372036854775807", "0"];
    check(&database, "int8", &edges, "((random()-0.5)*1.8e19)::int8").await;
    check(&database, "oid", &["0", "4294967295"], "(random()*4e9)::int8::oid").await;
}

#[tokio::test]
async fn numerics_keep_every_digit() {
    let database = TestDatabase::create().await;
    let edges = [
        "0",
        "'0.00'",
        "'-0.000'",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "'1e131071'",
        "'1e-16383'",
        "'0.0001'",
        "'0.00001'",
        "'10000'",
        "'100000000'",
        "'99999999.9999'",
        "'-12345678901234567890.123456789'",
        "'1.10'",
        "'1000000000000000000000000'",
        "'0.1234567890123456789'",
        "'10000.00010000'",
        "1e-10",
    ];
    let random = "round(((random()-0.5) * 10::numeric ^ (random()*40-12)::int)::numeric, (random()*14)::int)";
    check(&database, "numeric", &edges, random).await;
    check(
        &database,
        "numeric(12,2)",
        &["0", "'1234567890.99'", "'-0.01'"],
        "((random()-0.5)*1e9)::numeric",
    )
    .await;
}

#[tokio::test]
async fn texts_of_every_kind_are_escaped_as_postgresql_escapes_them() {
    let database = TestDatabase::create().await;
    let edges = [
        "''",
        "'a\"b\\c/d'",
        "E'\\b\\f\\n\\r\\t\\x01\\x1f\\x7f'",
        "'né 名前 🦀'",
        "repeat('x\"', 5000)",
        "E'\\u2028\\u2029'",
        "'</script>'",
    ];
    let random =
        "(SELECT string_agg(chr(1 + (random()*600)::int), '') FROM generate_series(1, 1 + i % 40))";
    for type_name in ["text", "varchar", "varchar(20000)", "char(20000)"] {
        check(&database, type_name, &edges, random).await;
    }
    check(&database, "name", &["''", "'a\"b'", "'Odd Name'"], "md5(i::text)::name").await;
    check(&database, "\"char\"", &["''", "'a'", "'\"'", "'\\'"], "chr(1 + i % 127)::\"char\"")
        .await;
    check(&database, "uuid", &["'00000000-0000-0000-0000-000000000000'"], "gen_random_uuid()")
        .await;
    let bytes = "decode(md5(i::text) || md5(random()::text), 'hex')";
    check(&database, "bytea", &["''", "'\\x00ff'"], bytes).await;
}

#[tokio::test]
async fn dates_and_times_are_written_as_postgresql_writes_them() {
    let database = TestDatabase::create().await;
    let dates = [
        "'infinity'",
        "'-infinity'",
        "'4713-01-01 BC'",
        "'0001-01-01'",
        "'0001-12-31 BC'",
        "'0044-03-15 BC'",
        "'5874897-12-31'",
        "'2000-02-29'",
        "'1900-02-28'",
        "'10000-01-01'",
        "'9999-12-31'",
        "'1999-12-31'",
    ];
    check(&database, "date", &dates, "date '2000-01-01' + ((random()-0.5)*4e6)::int + 600000")
        .await;
    let times = ["'00:00'", "'24:00'", "'23:59:59.999999'", "'12:00:00.1'", "'01:02:03.000001'"];
    check(&database, "time", &times, "time '00:00' + random() * interval '1 day'").await;
    let zoned = [
        "'00:00+00'",
        "'24:00-15:59'",
        "'04:05:06.789-08'",
        "'01:02+05:30'",
        "'01:02:03+01:02:03'",
    ];
    let random = "((time '00:00' + random() * interval '1 day')::text
                   || CASE WHEN random() < 0.5 THEN '+' ELSE '-' END || (i % 15)::text || ':' || (i % 60)::text)::timetz";
    check(&database, "timetz", &zoned, random).await;
    let stamps = [
        "'infinity'",
        "'-infinity'",
        "'4713-01-01 00:00:00 BC'",
        "'294276-12-31 23:59:59.999999'",
        "'2000-01-01'",
        "'1999-12-31 23:59:59.999999'",
        "'0001-12-31 23:59:59.5 BC'",
        "'1970-01-01 00:00:00.1'",
    ];
    let random = "timestamp '1500-01-01' + random() * interval '3000 years' - random() * interval '4000 years'";
    check(&database, "timestamp", &stamps, random).await;
    check(&database, "timestamptz", &stamps, &random.replace("timestamp", "timestamptz")).await;
    check(&database, "timestamp(0)", &["'2024-01-01 10:00:00.6'"], "now()").await;
}

#[tokio::test]
async fn documents_pass_through_untouched() {
    let database = TestDatabase::create().await;
    let json = [
        "'{\"a\": 1,  \"a\":2}'",
        "'null'",
        "'[1.50, 1e400]'",
        "E'{\\n \"x\" : \"\\\\u00e9\"}'",
        "'\"s\"'",
    ];
    check(&database, "json", &json, "json_build_object('i', i, 'r', random(), 'n', null)").await;
    let jsonb = ["'{\"b\":1,\"a\":[null,{}]}'", "'null'", "'1.500'", "'12345678901234567890.5'"];
    check(&database, "jsonb", &jsonb, "jsonb_build_object('i', i, 't', md5(i::text))").await;
}

#[tokio::test]
async fn arrays_enums_and_domains_are_written_as_postgresql_writes_them() {
    let database = TestDatabase::create().await;
    database.run("CREATE TYPE mood AS ENUM ('sad', 'so \"so\"', 'glad'); CREATE DOMAIN price AS numeric(12,2) CHECK (value >= 0); CREATE DOMAIN prices AS price[]").await;
    check(
        &database,
        "int4[]",
        &["'{}'", "'{1,NULL,3}'", "'{{1,2},{3,4}}'", "'[5:6]={7,8}'", "'{{{1},{2}},{{3},{4}}}'"],
        "ARRAY[i, -i, NULL]",
    )
    .await;
    check(
        &database,
        "text[]",
        &["'{}'", "'{\"a\\\"b\",NULL,\"\"}'"],
        "ARRAY[md5(i::text), chr(1 + i % 300)]",
    )
    .await;
    check(
        &database,
        "timestamptz[]",
        &["'{infinity,2024-01-01}'"],
        "ARRAY[now() + i * interval '1 h']",
    )
    .await;
    check(&database, "jsonb[]", &["'{}'"], "ARRAY[jsonb_build_object('i', i)]").await;
    check(&database, "bytea[]", &["'{}'"], "ARRAY[decode(md5(i::text), 'hex')]").await;
    check(&database, "mood", &["'sad'", "'so \"so\"'"], "'glad'").await;
    check(&database, "mood[]", &["'{}'", "'{sad,NULL,glad}'"], "ARRAY['sad']::mood[]").await;
    check(&database, "price", &["0", "1.5"], "i * 1.25").await;
    check(&database, "price[]", &["'{}'", "'{1,NULL}'"], "ARRAY[i]::price[]").await;
    check(&database, "prices", &["'{}'", "'{1,NULL}'"], "ARRAY[i]::price[]").await;
}

/// A small generator: the same values in every run.
fn random_bits() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(state)
    })
}

#[tokio::test]
async fn double_precision_is_the_shortest_text_that_comes_back_the_same() {
    let database = TestDatabase::create().await;
    let mut connection = session(&database).await;
    let mut values = vec![
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.1,
        0.3,
        1e14,
        1e15,
        1e16,
        123_456_789_012_345.0,
        1_234_567_890_123_456.0,
        1e-4,
        1e-5,
        1e20,
        1e21,
        1e22,
        1e23,
        1e100,
        5e-324,
        f64::MAX,
        f64::MIN_POSITIVE,
        f64::EPSILON,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        9_007_199_254_740_993.0,
        2.5,
        1.0 / 3.0,
    ];
    values.extend((-1074..1024).map(|power| 2_f64.powi(power)));
    values.extend((-320..308).map(|power| format!("1e{power}").parse::<f64>().unwrap()));
    values.extend(random_bits().map(f64::from_bits).take(20_000));
    values.extend(random_bits().map(|bits| (bits % 10_000_000) as f64 / 100.0).take(2_000));
    let sql = "CREATE TABLE values (id bigint GENERATED ALWAYS AS IDENTITY, v float8)";
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO values (v) SELECT v FROM unnest($1::float8[]) WITH ORDINALITY AS u(v, n) ORDER BY n")
        .bind(&values).execute(&mut connection).await.unwrap();
    assert_eq!(compare(&database, &mut connection, "float8").await, values.len());
}

#[tokio::test]
async fn real_is_the_shortest_text_that_comes_back_the_same() {
    let database = TestDatabase::create().await;
    let mut connection = session(&database).await;
    let mut values = vec![
        0.0,
        -0.0,
        1.0,
        0.1,
        1e5,
        1e6,
        1e7,
        123_456.0,
        1_234_567.0,
        16_777_216.0,
        1e-4,
        1e-5,
        1e20,
        f32::MAX,
        f32::MIN_POSITIVE,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        1e-45,
        999_999.5,
    ];
    values.extend((-149..128).map(|power| 2_f32.powi(power)));
    values.extend((-45..39).map(|power| format!("1e{power}").parse::<f32>().unwrap()));
    values.extend(random_bits().map(|bits| f32::from_bits(bits as u32)).take(20_000));
    let sql = "CREATE TABLE values (id bigint GENERATED ALWAYS AS IDENTITY, v float4)";
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO values (v) SELECT v FROM unnest($1::float4[]) WITH ORDINALITY AS u(v, n) ORDER BY n")
        .bind(&values).execute(&mut connection).await.unwrap();
    assert_eq!(compare(&database, &mut connection, "float4").await, values.len());
}

#[tokio::test]
async fn null_members_can_be_left_out_at_every_depth() {
    let database = TestDatabase::create().await;
    let text = "SELECT NULL::int AS a, 1 AS b, NULL::text AS c, \
                '{\"x\": null, \"y\": [null, {\"z\": null}], \"n\": 1.10}'::jsonb AS d \
                UNION ALL SELECT NULL, NULL, NULL, NULL";
    let statement = RenderedSql { rows: RowsWanted::ObjectsWithoutNulls, ..reading(text, &[]) };
    let (json, outcome) = run(&backend(&database), statement, PATIENCE).await.unwrap();
    assert_eq!(json, r#"[{"b":1,"d":{"n":1.10,"y":[null,{}]}},{}]"#);
    assert_eq!(outcome.returned, 2);
}

#[tokio::test]
async fn odd_column_names_are_escaped_keys() {
    let database = TestDatabase::create().await;
    let json = read(&backend(&database), r#"SELECT 1 AS "a""b\c", 2 AS "名 前""#).await;
    assert_eq!(json, r#"[{"a\"b\\c":1,"名 前":2}]"#);
}

#[tokio::test]
async fn a_type_without_a_writer_is_named() {
    let database = TestDatabase::create().await;
    let statement = reading("SELECT 1 AS id, point(1, 2) AS spot", &[]);
    let error = run(&backend(&database), statement, PATIENCE).await.unwrap_err();
    let problem = error.problem();
    assert_eq!(problem.code, "column_decode_error");
    assert_eq!(problem.details["column"], "spot");
}

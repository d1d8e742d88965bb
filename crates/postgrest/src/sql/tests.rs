//! What the statements look like, and what never gets into their text.

use super::*;
use crate::{Kind, Plan, RawRequest, Request, RestConfig, RestError, schema::sample};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;

fn config() -> RestConfig {
    RestConfig {
        schemas: vec!["api".to_owned()],
        aggregates_enabled: true,
        plan_enabled: true,
        ..RestConfig::default()
    }
}

fn planned(
    method: &Method,
    kind: &Kind,
    query: &str,
    headers: &HeaderMap,
    body: &str,
) -> Result<Option<Statement>, RestError> {
    let body = Bytes::from(body.to_owned());
    let raw = RawRequest { method, kind, query, headers, body: &body };
    let request = Request::parse(&raw, &config())?;
    match crate::plan(request, &sample::cache(), &config())? {
        Plan::Database(plan) => Ok(Some(plan.statement())),
        Plan::Document(_) | Plan::Answer(_) => Ok(None),
    }
}

fn statement(method: Method, query: &str, prefer: &'static str, body: &str) -> Statement {
    let headers = [(HeaderName::from_static("prefer"), HeaderValue::from_static(prefer))];
    let kind = Kind::Relation("films".to_owned());
    let planned = planned(&method, &kind, query, &headers.into_iter().collect(), body);
    planned.unwrap_or_else(|error| panic!("{query}: {error}")).unwrap()
}

fn source(method: Method, query: &str, prefer: &'static str, body: &str) -> (String, Vec<Param>) {
    let Statement { sql, params } = statement(method, query, prefer, body);
    let source = sql.strip_prefix("WITH pgrst_source AS (").unwrap();
    let end = source.find(") SELECT ").or_else(|| source.find("), pgrst_source_count")).unwrap();
    (source[..end].to_owned(), params)
}

fn unknown(texts: &[&str]) -> Vec<Param> {
    texts.iter().map(|text| Param::Unknown((*text).to_owned())).collect()
}

#[test]
fn a_filter_is_a_bound_value_at_a_quoted_name() {
    let (sql, params) =
        source(Method::GET, "id=eq.1&title=not.like.*a*&order=id.desc&limit=2", "", "");
    assert_eq!(
        sql,
        r#"SELECT "api"."films".* FROM "api"."films" WHERE "api"."films"."id" = $1 AND NOT "api"."films"."title" like $2 ORDER BY "api"."films"."id" DESC LIMIT 2"#
    );
    assert_eq!(params, unknown(&["1", "%a%"]));
}

#[test]
fn a_limit_that_is_usual_stands_in_the_statement_and_any_other_is_bound() {
    for (query, end, bound) in [
        ("limit=50", " LIMIT 50", &[][..]),
        ("limit=0", " LIMIT 0", &[]),
        ("limit=10000", " LIMIT 10000", &[]),
        ("limit=101", " LIMIT $1", &["101"]),
        ("limit=10100", " LIMIT $1", &["10100"]),
        ("limit=50&offset=7", " LIMIT 50 OFFSET $1", &["7"]),
        ("offset=7", " LIMIT ALL OFFSET $1", &["7"]),
    ] {
        let (sql, params) = source(Method::GET, query, "", "");
        assert!(sql.ends_with(&format!("FROM \"api\".\"films\"{end}")), "{sql}");
        assert_eq!(params, unknown(bound));
    }
}

#[test]
fn an_embed_is_a_lateral_join() {
    let (sql, _) = source(Method::GET, "select=title,directors!inner(name)", "", "");
    assert_eq!(
        sql,
        r#"SELECT "api"."films"."title", row_to_json("films_directors_1".*) AS "directors" FROM "api"."films" INNER JOIN LATERAL (SELECT "directors_1"."name" FROM "api"."directors" AS "directors_1" WHERE "directors_1"."id" = "api"."films"."director_id") AS "films_directors_1" ON TRUE"#
    );
}

#[test]
fn an_embed_that_only_decides_shows_nothing() {
    let (sql, _) = source(Method::GET, "select=title,directors()&directors=is.null", "", "");
    assert!(sql.starts_with(r#"SELECT "api"."films"."title" FROM"#), "{sql}");
    assert!(sql.ends_with(r#"WHERE "films_directors_1" IS NOT DISTINCT FROM NULL"#), "{sql}");
}

#[test]
fn aggregates_of_a_spread_embed_group_the_parent() {
    let (sql, _) = source(Method::GET, "select=title,...directors(n:id.count())", "", "");
    assert!(sql.contains(r#"COUNT("films_directors_1"."n") AS "n""#), "{sql}");
    assert!(sql.ends_with(r#" GROUP BY "api"."films"."title""#), "{sql}");
}

#[test]
fn a_body_is_one_value_that_the_database_reads() {
    let body = r#"{"id":1,"title":"x"}"#;
    let Statement { sql, params } = statement(Method::POST, "", "", body);
    assert!(sql.starts_with(r#"WITH pgrst_source AS (INSERT INTO "api"."films"("id", "title") SELECT "pgrst_body"."id", "pgrst_body"."title" FROM (SELECT $1::json AS json_data) pgrst_payload"#), "{sql}");
    assert_eq!(params, [Param::Json(Bytes::from(body))]);
}

#[test]
fn a_count_of_a_page_is_a_query_of_its_own() {
    let whole = statement(Method::GET, "id=gt.1", "count=exact", "").sql;
    assert!(!whole.contains("pgrst_source_count"), "{whole}");
    let page = statement(Method::GET, "id=gt.1&limit=1", "count=exact", "").sql;
    assert!(
        page.contains(
            r#"pgrst_source_count AS (SELECT 1 FROM "api"."films" WHERE "api"."films"."id" > $2)"#
        ),
        "{page}"
    );
}

#[test]
fn a_cast_names_a_type_or_words_for_one() {
    let cast = |text: &str| source(Method::GET, &format!("select=id::{text}"), "", "").0;
    assert!(cast("double precision").contains("AS double precision)"));
    assert!(cast("INT").contains("AS int)"));
    assert!(cast("Odd$type").contains(r#"AS "odd$type")"#));
}

/// The statement without what stands in double quotes.
fn outside_of_identifiers(sql: &str) -> String {
    sql.split('"').step_by(2).collect()
}

/// Text that would do something if it got into a statement.
const MARK: &str = "zq9";

fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "select=",
        "order=",
        "or=",
        "id=",
        "title=",
        "&",
        "(",
        ")",
        ",",
        ".",
        "directors",
        "actors",
        "rivals",
        "studios!films_studio_fkey",
        "id",
        "title",
        "...",
        "!inner",
        "eq.",
        "not.",
        "in.(",
        "->",
        "->>",
        "::",
        ":",
        "*",
        "count()",
        ".sum()",
        "fts(",
        ".desc",
        "is.null",
        "cs.{",
        "}",
        "like(any).",
        "\"",
        "\"zq9'\"",
        "zq9",
        "'zq9",
        "zq9--",
        ";zq9",
        "zq9$1",
        "limit=1",
        "offset=zq9",
    ];
    prop::sample::select(pieces.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_of_a_request_is_text_outside_of_quoted_identifiers(
        method in prop::sample::select(vec![Method::GET, Method::POST, Method::PATCH, Method::DELETE]),
        pieces in prop::collection::vec(piece(), 0..14),
        template in 0..6_usize,
        accept in prop::sample::select(vec!["*/*", "text/csv", "application/vnd.pgrst.object", "application/vnd.pgrst.plan+json"]),
        prefer in prop::sample::select(vec!["", "return=representation", "count=exact", "resolution=ignore-duplicates, return=headers-only"]),
        is_routine: bool,
    ) {
        let text = pieces.concat();
        let query = match template {
            0 => format!("select=id,{text}"),
            1 => format!("title=eq.{text}"),
            2 => format!("or=(id.eq.1,title.in.({MARK},\"{MARK}')))&{text}"),
            3 => format!("select=*,directors(name,{text})&directors.name=ilike.{MARK}"),
            4 => format!("select={MARK}:id::{MARK},a:title->{MARK}->>0&{MARK}=wfts({MARK}).{MARK}&order={MARK}.desc"),
            _ => text,
        };
        let headers: HeaderMap = [("accept", accept), ("prefer", prefer)]
            .into_iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let kind = match is_routine {
            true => Kind::Routine("find".to_owned()),
            false => Kind::Relation("films".to_owned()),
        };
        let body = format!("{{\"title\":\"{MARK}\"}}");
        if let Ok(Some(Statement { sql, params })) = planned(&method, &kind, &query, &headers, &body) {
            prop_assert!(!outside_of_identifiers(&sql).contains(MARK), "{sql}");
            prop_assert_eq!(sql.matches('"').count() % 2, 0);
            let last = format!("${}", params.len());
            prop_assert!(params.is_empty() || sql.contains(&last));
        }
    }
}

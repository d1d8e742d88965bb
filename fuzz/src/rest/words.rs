//! A statement's text consists of our words, of quoted names, and of parameters that are bound.

use crate::tokens::{Token, tokens};
use postgrest::Statement;
use std::{collections::HashSet, sync::LazyLock};

/// The words of the statements, then those of the sample schema's types, defaults and casts.
static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| WRITTEN.split_whitespace().collect());

const WRITTEN: &str = "
    ALL ANALYZE AND ANY AS ASC AVG BUFFERS BY CASE CAST COALESCE CONFLICT COUNT CROSS DELETE DESC DISTINCT DO
    ELSE END EXCLUDED EXISTS EXPLAIN FALSE FIRST FORMAT FROM GROUP ILIKE IN INNER INSERT INTO IS JOIN JSON LAST
    LATERAL LEFT LIKE LIMIT MAX MIN NOT NOTHING NULL NULLS OFFSET ON OR ORDER RETURNING SELECT SET SETTINGS SUM
    TEXT THEN TRUE UNKNOWN UPDATE USING VARIADIC VERBOSE WAL WHEN WHERE WITH
    _ _postgrest_t a body chr coalesce count current_setting data elem false header hh ilike json json_agg
    json_array_elements json_build_array json_build_object json_data json_each_text json_object_keys
    json_strip_nulls json_to_record json_to_recordset json_typeof jsonb jsonb_agg jsonb_array_elements
    jsonb_build_object jsonb_to_record jsonb_to_recordset k key length like null nullif page_total pg_catalog
    pgrst_body pgrst_call pgrst_json_defs pgrst_payload pgrst_scalar pgrst_source pgrst_source_count
    phraseto_tsquery plainto_tsquery r response_headers response_inserted response_status row row_to_json s
    set_config string_agg substring text to_jsonb to_tsquery to_tsvector total_result_set true unnest val value values
    websearch_to_tsquery ST_AsGeoJSON 0 1 2 10
    bigint bit boolean bytea char character dec decimal double float int int4range integer interval national
    nchar numeric precision real smallint time timestamp tsvector uuid varchar varying with without zone
    api color
";

const TEXTS: &[&str] = &[
    "",
    "0",
    "-1",
    "$",
    "\\",
    ",",
    "[]",
    "{}",
    "null",
    "type",
    "features",
    "FeatureCollection",
    "eq.",
    "is.null",
    "array",
    "response.headers",
    "response.status",
    "pgrst.inserted",
];

/// Names of the sample schema's columns, which stand as texts where a key or a default is looked up.
const COLUMNS: &[&str] = &[
    "id",
    "title",
    "film_id",
    "director_id",
    "studio_id",
    "first_part",
    "doc",
    "tags",
    "span",
    "words",
    "hue",
    "a \"b\", (名前)",
    "order",
    "name",
    "actor_id",
    "part",
    "text",
];

const SYMBOLS: &str = "(),.=<>:[]*@&|~-+";

/// Every parameter is bound, every bound value has a place, and nothing else came in.
pub(super) fn check(statement: &Statement) {
    let (text, bound) = (statement.sql.as_str(), statement.params.len());
    let mut places = vec![false; bound];
    for token in tokens(text) {
        match token {
            Token::Name(name) => assert!(!name.contains('\0'), "the name {name:?} in {text}"),
            Token::Text(inner) => {
                let is_known = [TEXTS, COLUMNS].iter().any(|all| all.contains(&inner.as_str()));
                assert!(is_known, "{inner:?} in {text}");
            }
            Token::Word(word) => assert!(WORDS.contains(word.as_str()), "{word:?} in {text}"),
            Token::Symbol(c) => assert!(SYMBOLS.contains(c), "{c:?} in {text}"),
            Token::Param(number) => {
                assert!((1..=bound).contains(&number), "${number} is bound to nothing: {text}");
                places[number - 1] = true;
            }
        }
    }
    assert!(places.iter().all(|place| *place), "a value has no place in {text}");
}

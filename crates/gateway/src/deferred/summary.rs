//! What is shown of an answer without keeping the whole of it.

use super::payload::Kind;
use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

const ROWS: usize = 25;
/// Bytes of all rows shown together.
const SIZE: usize = 32 << 10;

/// The members of an answer that are looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Seen<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    meta: Option<Meta>,
    affected_rows: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Meta {
    statement_count: Option<u64>,
    rows_affected: Option<u64>,
    returned_row_count: Option<u64>,
}

/// `{kind, client_name, table_name?, statement_count?, rows_affected?, row_count, rows_preview}`
pub(super) fn of(kind: Kind, client: &str, table: Option<&str>, body: &[u8]) -> Value {
    let seen = seen(body);
    let (count, preview) = rows(seen.data);
    let meta = seen.meta.unwrap_or_default();
    let mut summary = begin(kind, client, table);
    let mut say = |name: &str, value: Option<u64>| {
        if let Some(value) = value {
            summary.insert(name.to_owned(), value.into());
        }
    };
    say("statement_count", meta.statement_count);
    say("rows_affected", meta.rows_affected.or(seen.affected_rows));
    match kind {
        Kind::Query => say("returned_row_count", meta.returned_row_count.or(Some(count))),
        Kind::Fetch | Kind::Insert | Kind::Update | Kind::Delete => say("row_count", Some(count)),
    }
    summary.insert("rows_preview".to_owned(), preview.into());
    Value::Object(summary)
}

/// A write that was committed by a process that ended before it could keep the answer.
pub(super) fn found_committed(kind: Kind, client: &str, table: Option<&str>) -> Value {
    let mut summary = begin(kind, client, table);
    summary.insert("recovered".to_owned(), true.into());
    summary.insert("rows_preview".to_owned(), Value::Array(Vec::new()));
    Value::Object(summary)
}

fn begin(kind: Kind, client: &str, table: Option<&str>) -> Map<String, Value> {
    let mut summary = Map::new();
    summary.insert("kind".to_owned(), kind.word().into());
    summary.insert("client_name".to_owned(), client.into());
    if let Some(table) = table {
        summary.insert("table_name".to_owned(), table.into());
    }
    summary
}

/// An envelope, or rows without one.
fn seen(body: &[u8]) -> Seen<'_> {
    let Ok(whole) = serde_json::from_slice::<&RawValue>(body) else { return Seen::default() };
    if whole.get().starts_with('{') {
        return serde_json::from_str(whole.get()).unwrap_or_default();
    }
    Seen { data: Some(whole), ..Seen::default() }
}

/// How many rows there are, and the first of them.
fn rows(data: Option<&RawValue>) -> (u64, Vec<Value>) {
    let Some(data) = data.map(RawValue::get).filter(|text| *text != "null") else {
        return (0, Vec::new());
    };
    let rows: Vec<&RawValue> = match serde_json::from_str(data) {
        Ok(rows) => rows,
        // One row that was sent as an object comes back as one.
        Err(_) => serde_json::from_str(data).into_iter().collect(),
    };
    let mut left = SIZE;
    let fitting = rows.iter().take(ROWS).map_while(|row| {
        left = left.checked_sub(row.get().len())?;
        serde_json::from_str(row.get()).ok()
    });
    (rows.len() as u64, fitting.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_summed_up_whatever_its_shape() {
        let envelope = br#"{"data":[{"id":1},{"id":2}],"status":"success","message":"x"}"#;
        assert_eq!(
            of(Kind::Fetch, "shop", Some("t"), envelope),
            json!({ "kind": "gateway_fetch", "client_name": "shop", "table_name": "t", "row_count": 2,
                "rows_preview": [{ "id": 1 }, { "id": 2 }] })
        );
        let one = br#"{"data":{"id":7},"affected_rows":1}"#;
        let one = of(Kind::Insert, "shop", None, one);
        assert_eq!((&one["rows_affected"], &one["row_count"]), (&json!(1), &json!(1)));
        assert_eq!(one["rows_preview"], json!([{ "id": 7 }]));
        let query =
            br#"{"data":[],"meta":{"statement_count":2,"rows_affected":5,"returned_row_count":0}}"#;
        let query = of(Kind::Query, "shop", None, query);
        assert_eq!(query["statement_count"], 2);
        assert_eq!((&query["rows_affected"], &query["returned_row_count"]), (&json!(5), &json!(0)));
        let bare = of(Kind::Update, "shop", None, br#"[{"id":1}]"#);
        assert_eq!(bare["rows_preview"], json!([{ "id": 1 }]));
    }

    #[test]
    fn the_rows_shown_are_few_and_small() {
        let many: Vec<Value> = (0..100).map(|id| json!({ "id": id })).collect();
        let summary = of(Kind::Fetch, "shop", None, json!({ "data": many }).to_string().as_bytes());
        assert_eq!(summary["row_count"], 100);
        assert_eq!(summary["rows_preview"].as_array().unwrap().len(), 25);
        let large = json!({ "data": [{ "x": "y".repeat(SIZE) }] }).to_string();
        let summary = of(Kind::Fetch, "shop", None, large.as_bytes());
        assert_eq!((&summary["row_count"], &summary["rows_preview"]), (&json!(1), &json!([])));
    }
}

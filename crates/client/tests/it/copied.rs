//! What the console copies as Rust, run: it asks for what the view shows, with the key of the variable.

use crate::support::{Gateway, KEY};
use serde_json::json;

tokio::task_local! {
    static ADDRESS: String;
}

/// The text names a server and a variable; here its names lead to the test's own.
mod text {
    mod athena_client {
        pub(super) use ::athena_client::{ApiKey, any, column, not};

        pub(super) struct Athena;

        impl Athena {
            pub(super) fn builder(written: &str) -> ::athena_client::Builder {
                assert_eq!(written, "http://localhost:4052");
                ::athena_client::Athena::builder(super::super::ADDRESS.get())
            }
        }
    }

    mod std {
        pub(super) mod env {
            pub(in super::super) fn var(name: &str) -> anyhow::Result<String> {
                assert_eq!(name, "ATHENA_KEY");
                Ok(crate::support::KEY.to_owned())
            }
        }
    }

    pub(super) async fn rows() -> anyhow::Result<Vec<serde_json::Value>> {
        let rows = include!("../../examples/copied_view.txt");
        Ok(rows)
    }
}

#[tokio::test]
async fn the_copied_text_asks_for_what_the_view_shows() {
    let gateway = Gateway::start().await;
    gateway.reply(200, json!([{ "number": "A-2" }]));
    let address = format!("http://{}", gateway.address);
    let rows = ADDRESS.scope(address, text::rows()).await.unwrap();
    assert_eq!(rows, [json!({ "number": "A-2" })]);
    let seen = gateway.only();
    assert_eq!(seen.asked(), ("POST", "/gateway/fetch"));
    assert_eq!(seen.header("x-athena-key"), Some(KEY));
    assert_eq!(seen.header("x-athena-client"), Some("demo"));
    let is = |column: &str, operator: &str, value: serde_json::Value| json!({ "column": column, "operator": operator, "value": value });
    let nothing = |column: &str| is(column, "is", json!(null));
    let conditions = json!([
        { "or": [is("number", "neq", json!("A-1")), nothing("number")] },
        is("note", "ilike", json!("%50\\%\\_\\\\\\\\%")),
        is("amount", "gte", json!("10")),
        is("amount", "lt", json!("99.5")),
        is("status", "in", json!(["open", "paid"])),
        is("odd \"name\"", "eq", json!("O'Neil \"x\"\n\u{2028}")),
        { "or": [{ "not": is("note", "ilike", json!("%a,b%")) }, nothing("note")] },
        is("number", "ilike", json!("R(1)%")),
        is("number", "ilike", json!("%é")),
        is("amount", "not_null", json!(null)),
        nothing("note"),
        { "or": [is("number", "not_in", json!(["a", "b,c"])), nothing("number")] },
        is("order", "eq", json!("up")),
        is("amount", "gt", json!("1")),
        is("amount", "lte", json!("98")),
        { "or": [is("number", "ilike", json!("%north%")), is("note", "ilike", json!("%north%"))] },
    ]);
    assert_eq!(seen.body["conditions"], conditions);
    assert_eq!(seen.body["columns"], json!(["number", "order"]));
    assert_eq!(
        (&seen.body["table_name"], &seen.body["schema"]),
        (&json!("invoices"), &json!("public"))
    );
    assert_eq!((&seen.body["limit"], &seen.body["offset"]), (&json!(10), &json!(20)));
    assert_eq!(
        seen.body["sort_by"],
        json!([
            { "field": "amount", "direction": "descending", "nulls": "last" },
            { "field": "number", "direction": "ascending", "nulls": "last" },
            { "field": "id", "direction": "ascending" },
        ])
    );
}

//! The key is in one header and nowhere else.

use crate::support::{Gateway, KEY};
use serde_json::{Value, json};

#[tokio::test]
async fn nothing_that_can_be_printed_holds_the_key() {
    let gateway = Gateway::start().await;
    let athena = gateway.athena();
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = athena_client::Athena::builder(format!("http://{free}"))
        .api_key(athena_client::ApiKey::new(KEY).unwrap())
        .build()
        .unwrap();
    gateway.reply(401, json!({ "code": "unauthorized", "message": "no" }));
    let refused = athena.sql("select 1").run().await.unwrap_err();
    let lost = nobody.health().await.unwrap_err();
    let printed = [
        format!("{athena:?}"),
        format!("{:?}", athena.from("t").all().eq("a", 1)),
        format!("{:?}", athena.deferred("d")),
        format!("{refused:?} {refused}"),
        format!("{lost:?} {lost}"),
    ];
    for text in printed {
        assert!(!text.contains(KEY), "{text}");
        assert!(!text.is_empty());
    }
}

#[tokio::test]
async fn the_key_is_sent_in_one_header() {
    let gateway = Gateway::start().await;
    gateway.reply(200, "[]");
    gateway.athena().from("t").all().rows::<Value>().await.unwrap();
    let seen = gateway.only();
    let holders: Vec<_> = seen
        .headers
        .iter()
        .filter(|(_, value)| value.to_str().is_ok_and(|value| value.contains(KEY)))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(holders, ["x-athena-key"]);
    assert!(!seen.path.contains(KEY) && !seen.body.to_string().contains(KEY));
}

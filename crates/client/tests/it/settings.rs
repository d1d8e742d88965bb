//! Settings are checked before anything is sent.

use crate::support::Gateway;
use athena_client::{ApiKey, Athena, Builder, Error};
use serde_json::Value;

fn refused(builder: Builder) -> &'static str {
    match builder.build() {
        Err(Error::Setting { setting, .. }) => setting,
        Err(error) => panic!("{error:?}"),
        Ok(athena) => panic!("{athena:?}"),
    }
}

#[test]
fn an_unusable_setting_is_named() {
    let good = || Athena::builder("http://localhost:4052");
    for url in [
        "",
        "localhost:4052",
        "/x",
        "ftp://h",
        "http://",
        "http://h?a=1",
        "http://h#f",
        "http://u:p@h",
        "http://u@h",
    ] {
        assert_eq!(refused(Athena::builder(url)), "url", "{url}");
    }
    for name in ["", "  ", "a\nb"] {
        assert_eq!(refused(good().client(name)), "client", "{name:?}");
    }
    for (name, value) in [("x-athena-key", "k"), ("Accept", "x"), ("a b", "x"), ("a", "x\r\ny: z")]
    {
        assert_eq!(refused(good().header(name, value)), "header", "{name}");
    }
    for pem in ["", "junk", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(refused(good().certificate_authority(pem)), "certificate_authority", "{pem}");
    }
    assert_eq!(refused(good().proxy("::")), "proxy");
    for key in ["", " ", "a\u{0}b", "a\nb"] {
        assert!(matches!(ApiKey::new(key), Err(Error::Setting { setting: "api_key", .. })));
    }
}

#[tokio::test]
async fn a_path_in_the_address_is_kept() {
    let gateway = Gateway::start().await;
    for end in ["/db", "/db/"] {
        gateway.reply(200, "[]");
        let athena = Athena::builder(format!("http://{}{end}", gateway.address)).build().unwrap();
        athena.from("t").all().rows::<Value>().await.unwrap();
    }
    assert!(gateway.seen().iter().all(|seen| seen.path == "/db/gateway/fetch"));
    assert_eq!(gateway.seen().len(), 2);
    assert_eq!(gateway.seen()[0].header("x-athena-key"), None);
}

#[tokio::test]
async fn own_headers_are_sent_with_every_call() {
    let gateway = Gateway::start().await;
    gateway.reply(200, "[]");
    let athena = gateway.builder().header("X-User-Id", "42").build().unwrap();
    athena.from("t").all().rows::<Value>().await.unwrap();
    assert_eq!(gateway.only().header("x-user-id"), Some("42"));
}

//! Keys in odd places and of odd forms: none opens more than it should, and none breaks anything.

use crate::{
    access::{ADMIN, FETCH, House, INVOICES, KEYS},
    support::TestGateway,
};
use api::ApiSettings;
use axum::body::Body;
use gateway::{Access, Keyring};
use http::{HeaderName, HeaderValue, Method, Request};
use std::time::{Duration, Instant};
use store::Store;

async fn status(house: &House, path: &str, headers: &[(&str, &[u8])]) -> u16 {
    let mut request = Request::post(path).header("x-athena-client", "shop");
    for (name, value) in headers {
        let name = HeaderName::try_from(*name).unwrap();
        request = request.header(name, HeaderValue::from_bytes(value).unwrap());
    }
    house.gateway.send(request.body(Body::from(INVOICES)).unwrap()).await.status
}

#[tokio::test]
async fn a_second_key_never_rides_along_with_a_right_one() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    let (key, bearer) = (key.as_bytes(), format!("Bearer {key}"));
    let right = ("apikey", key);
    assert_eq!(status(&house, FETCH, &[right]).await, 200);
    for second in [
        ("apikey", &b"other"[..]),
        ("x-api-key", b"ath_0123456789abcdef.x"),
        ("x-athena-key", ADMIN.as_bytes()),
        ("authorization", b"Bearer other"),
        ("authorization", b"bearer ath_0123456789abcdef.x"),
        ("x-athena-key", b"\xff\xfe"),
    ] {
        assert_eq!(status(&house, FETCH, &[right, second]).await, 400, "{second:?}");
        assert_eq!(status(&house, FETCH, &[second, right]).await, 400, "{second:?}");
    }
    // What is no key is not one more, and the same key again is the same.
    for beside in [
        ("authorization", &b"Basic dXNlcjpwYXNz"[..]),
        ("x-api-key", b""),
        ("x-api-key", b"  "),
        ("authorization", bearer.as_bytes()),
        ("cookie", b"apikey=other"),
        ("x-apikey", b"other"),
    ] {
        assert_eq!(status(&house, FETCH, &[right, beside]).await, 200, "{beside:?}");
    }
}

#[tokio::test]
async fn two_keys_in_one_header_are_one_wrong_key() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    for joined in [
        format!("{key},{key}"),
        format!("{key} {key}"),
        format!("{key}\t"),
        format!("\"{key}\""),
        format!("Bearer {key}"),
        key.to_ascii_uppercase(),
        format!("{key}%00"),
        format!("{key}."),
        key.replacen("ath_", "ath-", 1),
        key.replacen('.', "..", 1),
    ] {
        let expected = if joined.trim() == key { 200 } else { 401 };
        assert_eq!(status(&house, FETCH, &[("apikey", joined.as_bytes())]).await, expected);
    }
}

#[tokio::test]
async fn a_key_that_is_no_text_or_endless_is_a_wrong_key() {
    let house = House::build().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    let huge = [key.as_bytes(), &b"a".repeat(200_000)].concat();
    let odd = [key.as_bytes(), b"\xc3\x28"].concat();
    let started = Instant::now();
    for wrong in [&huge[..], &odd, b"\xff", b"\x80ath_0123456789abcdef.x", b"ath_", b"."] {
        assert_eq!(status(&house, FETCH, &[("apikey", wrong)]).await, 401);
        assert_eq!(
            status(&house, FETCH, &[("authorization", &[b"Bearer ", wrong].concat())]).await,
            401
        );
    }
    assert!(started.elapsed() < Duration::from_secs(5));
    let odd = Request::post(FETCH).header("x-athena-client", "shop");
    let odd = odd.header("apikey", &b"ath_\xff"[..]).body(Body::from(INVOICES)).unwrap();
    assert_eq!(house.gateway.send(odd).await.refusal().1, "invalid_api_key");
    let many: Vec<(&str, &[u8])> = (0..200).map(|_| ("x-api-key", key.as_bytes())).collect();
    assert_eq!(status(&house, FETCH, &many).await, 200, "however often it is said");
}

#[tokio::test]
async fn an_address_carries_no_key_unless_that_is_switched_on_and_then_only_one() {
    let house = House::reading_addresses().await;
    let (key, _) = house.key(&["invoices.read"]).await;
    let at = |query: &str| format!("{FETCH}?{query}");
    assert_eq!(status(&house, &at(&format!("api_key={key}")), &[]).await, 200);
    let escaped = key.replace('.', "%2e");
    assert_eq!(
        status(&house, &at(&format!("x=1&api_key={escaped}&api_key={key}")), &[]).await,
        200
    );
    for (query, headers, expected) in [
        (format!("api_key={key}&api_key=other"), &[][..], 400),
        (format!("api_key={key}"), &[("apikey", &b"other"[..])], 400),
        (format!("apikey={key}"), &[], 401),
        (format!("API_KEY={key}"), &[], 401),
        (format!("api_key[]={key}"), &[], 401),
        ("api_key=%ff%fe".to_owned(), &[], 401),
    ] {
        assert_eq!(status(&house, &at(&query), headers).await, expected, "{query}");
    }
    let admin = format!("{KEYS}?api_key={}", ADMIN.replace(' ', "%20"));
    let refused = house.gateway.call(Method::GET, &admin, &[], "").await;
    assert_eq!(refused.refusal().1, "key_in_address", "the admin's key never");
}

#[tokio::test]
async fn an_unheard_of_client_is_a_400_while_keys_cannot_be_looked_up() {
    let store = Store::open("postgresql://nobody@127.0.0.1:1/nothing").unwrap();
    let keyring = Keyring::start(store).await;
    for (fails_open, expected) in [(true, 400), (false, 503)] {
        let access = Access::with_keyring(&keyring).failing_open(fails_open);
        let gateway = TestGateway::with(access, ApiSettings::default());
        let headers = [("x-athena-client", "nowhere")];
        let reply = gateway.call(Method::POST, FETCH, &headers, INVOICES).await;
        assert_eq!((reply.status, &reply.body["status"]), (expected, &"error".into()));
    }
}

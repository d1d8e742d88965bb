//! Two programs on one store: what is done through one holds on the other within a second.

use crate::{
    http::{self, Answer},
    program::{Home, Program},
};
use serde_json::{Value, json};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};
use test_support::TestDatabase;

const ADMIN: &str = "the admin's own";
const CONFIG: &str =
    "admin_key: the admin's own\nembedded:\n  demo: false\nclients:\n  shop: ${SHOP}\n";
const SHIPS: &str = "create table ships (id int primary key); insert into ships values (1)";

/// The longest that one node may be behind the other.
const BEHIND: Duration = Duration::from_secs(1);

struct Node {
    program: Program,
    _home: Home,
}

impl Node {
    fn start(control: &TestDatabase, shop: &TestDatabase) -> Self {
        let home = Home::with_config(CONFIG);
        let mut program = home.serve_with(&[
            ("POSTGRES_ATHENA_LOGGING_URI", control.uri()),
            ("SHOP", shop.uri()),
            ("ATHENA_KEY_PEPPER", "the same pepper for both of the nodes"),
        ]);
        program.until_ready();
        Self { program, _home: home }
    }

    fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let headers = [("x-athena-key", ADMIN), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = http::ask(self.program.port, method, path, &headers, &body).unwrap();
        assert!((200..300).contains(&answer.status), "{method} {path}: {answer:?}");
        answer.json()
    }

    fn ships(&self, key: &str) -> Answer {
        self.program.gateway("/gateway/fetch", "shop", key, r#"{"table_name":"ships"}"#).unwrap()
    }

    /// Until ships are answered with this status and code; not for longer than a second.
    fn follows(&self, key: &str, status: u16, code: &str) {
        let began = Instant::now();
        loop {
            let answer = self.ships(key);
            let is_it =
                answer.status == status && (code.is_empty() || answer.json()["code"] == code);
            if is_it {
                return;
            }
            assert!(began.elapsed() < BEHIND, "still {answer:?} instead of {status} {code}");
            sleep(Duration::from_millis(5));
        }
    }
}

fn key(node: &Node) -> (String, String) {
    let wanted = json!({ "name": "sailor", "client_name": "shop", "rights": ["gateway.read"] });
    let made = node.admin("POST", "/admin/api-keys", &wanted);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["data"]["api_key"]), text(&made["data"]["record"]["id"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_a_revoked_key_and_a_limit_on_one_node_hold_on_the_other_within_a_second() {
    let (control, shop) = (TestDatabase::create().await, TestDatabase::create().await);
    shop.run(SHIPS).await;
    let (one, two) = (Node::start(&control, &shop), Node::start(&control, &shop));
    // Both have begun to listen, or this would only show how quickly they do.
    sleep(Duration::from_secs(1));
    let freeze = |node: &Node, frozen: bool| {
        node.admin("PUT", "/admin/clients/shop/freeze", &json!({ "is_frozen": frozen }));
    };
    // Neither is special: each is told by the other.
    for (here, there) in [(&one, &two), (&two, &one)] {
        let (key, id) = key(here);
        there.follows(&key, 200, "");
        freeze(here, true);
        there.follows(&key, 503, "client_frozen");
        freeze(here, false);
        there.follows(&key, 200, "");

        let limit = json!({ "window_secs": 60, "per_client_requests_per_window": 1 });
        here.admin("PUT", "/admin/admission-limits", &limit);
        there.follows(&key, 429, "admission_limit_exceeded");
        here.admin("DELETE", "/admin/admission-limits", &Value::Null);
        there.follows(&key, 200, "");

        here.admin("DELETE", &format!("/admin/api-keys/{id}"), &Value::Null);
        there.follows(&key, 401, "");
        assert_eq!(here.ships(&key).status, 401);
    }
}

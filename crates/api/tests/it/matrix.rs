//! Every route, asked by everybody: what its declared right says is what happens.

use crate::{
    access::{ADMIN, House, KEYS},
    support::{Reply, client},
};
use api::{ROUTES, Right, Route};
use auth::Right as Grant;
use backend_postgres::{Postgres, PostgresSettings};
use gateway::ClientInfo;
use http::Method;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use test_support::TestDatabase;

const SHOP: &str = "
    create table invoices (id bigint primary key, status text);
    create function nothing() returns int language sql as 'select 1'";

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    /// With a key that nobody made.
    Stranger,
    /// With a key that is over.
    Late,
    /// With a key of another client that may do everything there.
    Neighbour,
    /// With a key of this client that only reads.
    Reader,
    Admin,
}

const EVERYBODY: [Who; 6] =
    [Who::Nobody, Who::Stranger, Who::Late, Who::Neighbour, Who::Reader, Who::Admin];

const NEIGHBOURS: &str = "gateway.*";
const READERS: &str = "gateway.read";

/// What the right says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Whatever comes is not about the key.
    Passes,
    /// 401
    Unknown,
    /// 403, because the key is another client's.
    Elsewhere,
    /// 403, because a right is missing.
    Denied,
}

fn verdict(route: &Route, who: Who) -> Verdict {
    match (route.right, who) {
        (Right::Open, _) => Verdict::Passes,
        (_, Who::Nobody | Who::Stranger | Who::Late) => Verdict::Unknown,
        (Right::Admin, who) => as_admin(who == Who::Admin),
        (Right::Operator(_) | Right::Reader(_), Who::Admin) => Verdict::Passes,
        // The page tells of every client, and these keys are each for one.
        (Right::Reader("metrics.read"), Who::Neighbour | Who::Reader) => Verdict::Elsewhere,
        (Right::Operator(right) | Right::Reader(right), Who::Neighbour) => by(NEIGHBOURS, right),
        (Right::Operator(right) | Right::Reader(right), Who::Reader) => by(READERS, right),
        (Right::Manage(_) | Right::Deferred(_), Who::Admin) => Verdict::Passes,
        // Of requests that are not theirs, others are told only that there are none.
        (Right::Deferred(_), Who::Neighbour) if route.path.contains("{id}") => Verdict::Passes,
        // The admin's key is no API key.
        (_, Who::Admin) => Verdict::Unknown,
        (_, Who::Neighbour) => Verdict::Elsewhere,
        (right, Who::Reader) => reading(right, &route.method),
    }
}

fn as_admin(is_admin: bool) -> Verdict {
    if is_admin { Verdict::Passes } else { Verdict::Unknown }
}

fn by(grant: &str, right: &str) -> Verdict {
    if Grant::parse(grant).unwrap().opens(right) { Verdict::Passes } else { Verdict::Denied }
}

fn reading(right: Right, method: &Method) -> Verdict {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    match right {
        Right::TableRead | Right::Count | Right::SchemaRead | Right::Deferred(_) => Verdict::Passes,
        Right::Rest if reads => Verdict::Passes,
        Right::TableWrite
        | Right::TableDelete
        | Right::Query
        | Right::Sql
        | Right::Call
        | Right::Transaction
        | Right::Rest
        | Right::RestCall
        | Right::Manage(_) => Verdict::Denied,
        Right::Open | Right::Admin | Right::Operator(_) | Right::Reader(_) => unreachable!(),
    }
}

/// The address with a sample in place of each parameter.
fn address(route: &Route) -> String {
    let sample = |part: &str| match part {
        "{id}" => "00000000-0000-0000-0000-000000000000".to_owned(),
        "{relation}" => "invoices".to_owned(),
        "{function}" => "nothing".to_owned(),
        part if part.starts_with('{') => "sample".to_owned(),
        part => part.to_owned(),
    };
    let path = route.path.split('/').map(sample).collect::<Vec<_>>().join("/");
    let query = match route.path {
        "/schema/columns" => "?table_name=invoices",
        "/data" => "?view=invoices",
        "/rest/v1/{relation}" if route.method != Method::POST => "?id=eq.1",
        _ => "",
    };
    format!("{path}{query}")
}

/// A body that a data route understands, so that it comes to the question who may.
fn body(route: &Route) -> Value {
    let row = json!({ "id": 1, "status": "paid" });
    let one = json!([{ "eq_column": "id", "eq_value": 1 }]);
    match route.path {
        "/gateway/fetch" | "/gateway/data" | "/query/count" => json!({ "table_name": "invoices" }),
        "/gateway/insert" => json!({ "table_name": "invoices", "insert_body": row }),
        "/gateway/update" => json!({ "table_name": "invoices", "set": row, "conditions": one }),
        "/gateway/delete" => json!({ "table_name": "invoices", "conditions": one }),
        "/gateway/query" | "/gateway/sql" | "/query/sql" => {
            json!({ "query": "drop table invoices" })
        }
        "/gateway/rpc" => json!({ "function": "nothing" }),
        "/gateway/transaction" => json!({
            "operations": [{ "kind": "delete", "payload": { "table_name": "invoices", "conditions": one } }],
        }),
        "/rest/v1/{relation}" => row,
        _ => json!({}),
    }
}

fn seen(route: &Route, reply: &Reply) -> Verdict {
    let code = reply.body["code"].as_str();
    match (reply.status, code) {
        (401, _) => Verdict::Unknown,
        (403, Some("api_key_client_mismatch")) => Verdict::Elsewhere,
        (403, Some("missing_right" | "read_only_query")) => Verdict::Denied,
        // An answer to HEAD has no body to tell.
        (403, None) if route.method == Method::HEAD => {
            match reply.header("proxy-status").unwrap_or_default() {
                "PostgREST; error=api_key_client_mismatch" => Verdict::Elsewhere,
                _ => Verdict::Denied,
            }
        }
        _ => Verdict::Passes,
    }
}

/// A shop with a database of its own, and a key for each who has one.
struct Town {
    house: House,
    shop: TestDatabase,
    late: String,
    neighbour: String,
    reader: String,
}

impl Town {
    async fn build() -> Self {
        let house = House::build().await;
        let make = async |client: &str, right: &str| {
            let wanted = json!({ "name": "x", "client_name": client, "rights": [right] });
            let made = house.admin(Method::POST, KEYS, &wanted).await;
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&made.body["data"]["api_key"]), text(&made.body["data"]["record"]["id"]))
        };
        let (neighbour, _) = make("books", NEIGHBOURS).await;
        let (reader, _) = make("shop", READERS).await;
        let (late, id) = make("shop", "*").await;
        let over = "update api_keys set expires_at = now() where api_keys_id";
        house.database.run(&format!("{over} = '{id}'")).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let shop = TestDatabase::create().await;
        shop.run(SHOP).await;
        let settings = PostgresSettings::parse(shop.uri()).unwrap();
        let backend = Arc::new(Postgres::connect(&settings));
        let registry = house.gateway.gateway.registry();
        registry.add(client("shop"), backend, ClientInfo::default()).schema().await.unwrap();
        Self { house, shop, late, neighbour, reader }
    }

    fn key(&self, who: Who) -> Option<&str> {
        match who {
            Who::Nobody => None,
            Who::Stranger => Some("ath_0000000000000000.wrong"),
            Who::Late => Some(&self.late),
            Who::Neighbour => Some(&self.neighbour),
            Who::Reader => Some(&self.reader),
            Who::Admin => Some(ADMIN),
        }
    }

    async fn ask(&self, route: &Route, mount: &str, who: Who) -> Reply {
        let mut headers = vec![("x-athena-client", "shop")];
        headers.extend(self.key(who).map(|key| ("x-athena-key", key)));
        let reads = matches!(route.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let body = if reads { String::new() } else { body(route).to_string() };
        let path = format!("{mount}{}", address(route));
        self.house.gateway.call(route.method.clone(), &path, &headers, &body).await
    }
}

/// What would change this house for those who ask after it.
fn ends_the_test(route: &Route, who: Who) -> bool {
    route.path == "/admin/admin-key/rotate" && who == Who::Admin
}

#[tokio::test]
async fn every_route_answers_everybody_as_its_declared_right_says() {
    let town = Town::build().await;
    let mut wrong = Vec::new();
    let mut asked = 0;
    for route in ROUTES.iter() {
        for who in EVERYBODY.into_iter().filter(|who| !ends_the_test(route, *who)) {
            for mount in route.mounts() {
                asked += 1;
                let reply = town.ask(route, mount, who).await;
                let (expected, seen) = (verdict(route, who), seen(route, &reply));
                if expected != seen {
                    let (method, path) = (&route.method, route.path);
                    wrong.push(format!(
                        "{method} {mount}{path} ({:?}) asked by {who:?}: {expected:?} expected, {seen:?} seen: {} {}",
                        route.right, reply.status, reply.text
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked >= ROUTES.len() * EVERYBODY.len() - 1);
    let left: i64 = sqlx::query_scalar("select count(*) from invoices")
        .fetch_one(&mut town.shop.connect().await)
        .await
        .unwrap();
    assert_eq!(left, 0, "nobody who may not has written");
}

#[tokio::test]
async fn every_refusal_of_a_key_is_the_same_text_on_every_data_route() {
    let town = Town::build().await;
    let wrong_secret = format!("{}.wrong", town.reader.split('.').next().unwrap());
    let fetch = ROUTES.iter().find(|route| route.path == "/gateway/fetch").unwrap();
    let mut texts = Vec::new();
    for key in ["ath_0000000000000000.wrong", &wrong_secret, &town.late, "nonsense", ADMIN] {
        let headers = [("x-athena-client", "shop"), ("x-athena-key", key)];
        let asked = body(fetch).to_string();
        let reply = town.house.gateway.call(Method::POST, fetch.path, &headers, &asked).await;
        texts.push(reply.stable());
    }
    assert!(texts.iter().all(|text| *text == texts[0] && text["status_code"] == 401), "{texts:?}");
}

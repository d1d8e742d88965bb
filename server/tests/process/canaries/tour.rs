//! Round all routes, with everything that may be right or wrong about a request.

use super::town::{Asked, FAILING, Town, escaped};
use crate::program::Program;
use api::{ROUTES, Right, Route};
use http::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Who asks, and how they show it.
struct Who {
    name: &'static str,
    header: Option<(&'static str, String)>,
    query: Option<String>,
}

struct Visit {
    method: &'static Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

const AT_ONCE: usize = 8;

/// A route's address with a sample in place of each parameter.
fn address(route: &Route) -> String {
    let sample = |part: &str| match part {
        "{id}" => "00000000-0000-0000-0000-000000000000".to_owned(),
        "{relation}" => "invoices".to_owned(),
        "{function}" => "nothing".to_owned(),
        "{op}" => "fetch".to_owned(),
        part if part.starts_with('{') => "sample".to_owned(),
        part => part.to_owned(),
    };
    let path = route.path.split('/').map(sample).collect::<Vec<_>>().join("/");
    match route.path {
        "/schema/columns" => format!("{path}?table_name=invoices"),
        "/data" => format!("{path}?view=invoices"),
        "/rest/v1/{relation}" if route.method != Method::POST => format!("{path}?id=eq.1"),
        _ => path,
    }
}

/// A body that data routes understand.
fn body(route: &Route) -> Value {
    let row = json!({ "id": 3, "status": "paid" });
    let one = json!([{ "eq_column": "id", "eq_value": 3 }]);
    match route.path {
        "/gateway/fetch" | "/gateway/data" | "/query/count" => json!({ "table_name": "invoices" }),
        "/gateway/insert" => json!({ "table_name": "invoices", "insert_body": row }),
        "/gateway/update" => json!({ "table_name": "invoices", "set": row, "conditions": one }),
        "/gateway/delete" => json!({ "table_name": "invoices", "conditions": one }),
        "/gateway/query" => json!({ "query": "select * from invoices" }),
        "/gateway/sql" | "/query/sql" => {
            json!({ "query": "select 1", "driver": "postgresql", "db_name": "shop" })
        }
        "/gateway/rpc" => json!({ "function": "nothing" }),
        "/rest/v1/{relation}" => row,
        _ => json!({}),
    }
}

/// Bodies that hold a secret where no route wants one, or none wants it so.
fn odd_bodies(secret: &str) -> [String; 3] {
    let uri = format!("postgres://me:{}@127.0.0.1:1/d", escaped(secret));
    let twice = format!("postgres://me:{secret}@127.0.0.1:1/d");
    let whole = json!({
        "secret": secret, "password": secret, "uri": twice, "pg_uri": uri, "url": uri,
        "credentials": { "password": secret }, "config": { "url": twice, "password": secret },
    })
    .to_string();
    let cut = whole[..whole.len() - 2].to_owned();
    [whole, cut, json!([{ "password": secret }, { "secret": [secret] }]).to_string()]
}

fn takes_a_body(route: &Route) -> bool {
    !matches!(route.method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// What the tour must not touch: it would lock the tour out, or never end.
fn is_left_out(route: &Route) -> bool {
    route.path == "/admin/admin-key/rotate"
}

impl Town {
    fn visitors(&mut self, key: &str) -> Vec<Who> {
        let id = "ath_00000000000000aa";
        let stranger = format!("{id}.{}", self.flock.plant("secret of a key nobody made"));
        let half_right =
            format!("{}.{}", key.split('.').next().unwrap(), self.flock.plant("wrong secret"));
        let nonsense = self.flock.plant("text that is no key");
        let in_address = self.flock.plant("key in the address");
        let forged = Self::token(&self.flock.plant("secret of a forger"));
        let token = Self::token(&self.jwt_secret());
        for (name, token) in [("forged token", &forged), ("token", &token)] {
            self.flock.adopt(name, token.rsplit('.').next().unwrap());
        }
        let admin = self.flock.text("admin key").to_owned();
        let who =
            |name, header, text: String| Who { name, header: Some((header, text)), query: None };
        let in_query = |name, query: String| Who { name, header: None, query: Some(query) };
        vec![
            Who { name: "nobody", header: None, query: None },
            who("a stranger", "x-athena-key", stranger),
            who("a thief", "apikey", half_right),
            who("somebody odd", "authorization", format!("Bearer {nonsense}")),
            who("a basic one", "authorization", format!("Basic {nonsense}")),
            who("a forger", "authorization", format!("Bearer {forged}")),
            who("a holder of a token", "authorization", format!("Bearer {token}")),
            who("a holder of a key", "x-api-key", key.to_owned()),
            who("the administrator", "x-athena-key", admin),
            in_query("somebody careless", format!("api_key={}", escaped(&in_address))),
            in_query("somebody careless and right", format!("api_key={key}")),
            in_query("somebody of old", format!("apikey={}", escaped(&in_address))),
        ]
    }

    /// Every route, by everybody, with good and with odd bodies, at clients that answer and at those that fail.
    pub fn tour(&mut self, program: &Program, key: &str) -> usize {
        let visitors = self.visitors(key);
        let secret = self.flock.plant("secret in a body");
        let odd = odd_bodies(&secret);
        let mut visits = Vec::new();
        let mut visited = 0;
        for route in ROUTES.iter().filter(|route| !is_left_out(route)) {
            let good = body(route).to_string();
            for mount in route.mounts() {
                let path = format!("{mount}{}", address(route));
                let visit = |who: &Who, client, body: &str| {
                    let body = if takes_a_body(route) { body.to_owned() } else { String::new() };
                    who.visit(&route.method, &path, client, body)
                };
                visits.extend(visitors.iter().map(|who| visit(who, "shop", &good)));
                for who in visitors.iter().filter(|who| is_right(who)) {
                    visits.extend(FAILING.map(|client| visit(who, client, &good)));
                    let odd = odd.iter().filter(|_| takes_a_body(route));
                    visits.extend(odd.map(|body| visit(who, "shop", body)));
                }
                visited += 1;
            }
        }
        self.visit(program, &visits);
        visited
    }

    /// Several at once: who shows a wrong key, or comes to a database that is away, is kept waiting.
    fn visit(&self, program: &Program, visits: &[Visit]) {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some(visit) = visits.get(next.fetch_add(1, Ordering::Relaxed)) {
                        self.one(program, visit);
                    }
                });
            }
        });
    }

    fn one(&self, program: &Program, visit: &Visit) {
        let headers: Vec<_> =
            visit.headers.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let (method, path) = (visit.method.as_str(), visit.path.as_str());
        let asked = Asked { method, path, headers, body: &visit.body };
        let (status, answer) = self.ask(program, asked);
        assert_ne!(status, 500, "{method} {path} {:?}: {answer}", visit.headers);
    }

    /// Databases that callers name themselves, on every route for data.
    pub fn targets(&mut self, program: &Program, key: &str) {
        let password = self.flock.plant("password in a header");
        let safe = escaped(&password);
        let (refusing, garbling) = (self.refusing, self.garbling);
        let urls = [
            format!("jdbc:postgresql://127.0.0.1:{refusing}/d?user=me&password={safe}"),
            format!("postgres://me:{safe}@127.0.0.1:{garbling}/d?sslmode=require"),
            format!("postgres://me:{safe}@127.0.0.1:1/d"),
            format!("postgres://me:{password}@127.0.0.1:1/d"),
            format!("postgres://me:{safe}@169.254.169.254/d?passfile={safe}"),
        ];
        let data = |route: &&Route| {
            let right = route.right;
            matches!(right, Right::TableRead | Right::TableWrite | Right::Query | Right::Rest)
        };
        let mut visits = Vec::new();
        for route in ROUTES.iter().filter(data) {
            let good = if takes_a_body(route) { body(route).to_string() } else { String::new() };
            visits.extend(urls.iter().map(|url| Visit {
                method: &route.method,
                path: address(route),
                headers: vec![("x-jdbc-url", url.clone()), ("x-athena-key", key.to_owned())],
                body: good.clone(),
            }));
        }
        self.visit(program, &visits);
    }
}

impl Who {
    fn visit(&self, method: &'static Method, path: &str, client: &str, body: String) -> Visit {
        let join = if path.contains('?') { '&' } else { '?' };
        let path = match &self.query {
            Some(query) => format!("{path}{join}{query}"),
            None => path.to_owned(),
        };
        let mut headers = vec![("x-athena-client", client.to_owned())];
        headers.extend(self.header.clone());
        Visit { method, path, headers, body }
    }
}

fn is_right(who: &Who) -> bool {
    matches!(who.name, "a holder of a key" | "the administrator")
}

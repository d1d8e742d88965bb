//! A whole server with a secret in every place that takes one.

use super::{catch::Catch, flock::Flock, upstreams};
use crate::{
    http,
    program::{Home, Program},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::{
    fs,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use test_support::{TestDatabase, TestRedis};

const CONFIG: &str = "
environment: development
server:
  trusted_proxies: [127.0.0.1]
log:
  level: trace
gateway:
  breaker_failures: 1000
  jdbc:
    enabled: true
    allow_private_hosts: true
keys:
  in_address: true
logging:
  body_bytes: 65536
cache:
  redis_timeout_ms: 500
rest:
  jwt_secret: ${PLANTED_JWT_SECRET}
  app_settings:
    app.settings.token: ${PLANTED_APP_SETTING}
clients:
  shop: ${PLANTED_SHOP}
  wrong: ${PLANTED_WRONG}
  away: ${PLANTED_AWAY}
  garbled: ${PLANTED_GARBLED}
  nowhere: ${PLANTED_NOWHERE}
";

const TABLES: &str = "
    create table invoices (id bigint primary key, status text);
    insert into invoices values (1, 'paid'), (2, 'draft');
    create function nothing() returns int language sql as 'select 1'";

/// Which of the configuration's clients cannot be reached.
pub const FAILING: [&str; 4] = ["wrong", "away", "garbled", "nowhere"];

pub struct Town {
    pub home: Home,
    pub flock: Flock,
    pub catch: Mutex<Catch>,
    pub control: TestDatabase,
    pub shop: TestDatabase,
    pub redis: TestRedis,
    /// Where a server says no to every password.
    pub refusing: u16,
    pub garbling: u16,
    environment: Vec<(String, String)>,
    asked: AtomicU32,
}

/// What one request is made of.
pub struct Asked<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a str,
}

/// The text as it may stand in an address.
pub fn escaped(text: &str) -> String {
    text.replace('@', "%40")
}

impl Town {
    pub async fn build() -> Self {
        let (control, shop) = (TestDatabase::create().await, TestDatabase::create().await);
        shop.run(TABLES).await;
        let home = Home::with_config(CONFIG);
        // Names of files are all that the console's pages need of a build of it.
        let site = home.folder().join("target/site");
        fs::create_dir_all(&site).unwrap();
        let manifest = json!({ "js": "a.js", "wasm": "a.wasm", "css": "a.css" });
        fs::write(site.join("manifest.json"), manifest.to_string()).unwrap();
        let mut town = Self {
            home,
            flock: Flock::default(),
            catch: Mutex::default(),
            control,
            shop,
            redis: TestRedis::start(),
            refusing: upstreams::refusing(),
            garbling: upstreams::garbling(),
            environment: Vec::new(),
            asked: AtomicU32::new(0),
        };
        town.plant();
        town
    }

    fn plant(&mut self) {
        let planted = |flock: &mut Flock, name: &str| escaped(&flock.plant(name));
        let (port, flock) = (self.redis_port(), &mut self.flock);
        let mut set = vec![
            ("ATHENA_KEY_12", flock.plant("admin key")),
            ("ATHENA_KEY_PEPPER", flock.plant("pepper")),
            ("PLANTED_JWT_SECRET", format!("{}-and-long-enough", flock.plant("jwt secret"))),
            ("PLANTED_APP_SETTING", flock.plant("app setting")),
        ];
        let master: Vec<u8> = (1..=32).map(|byte: u8| byte.wrapping_mul(37)).collect();
        set.push(("ATHENA_SECRET_KEY", hex::encode(&master)));
        flock.adopt("master key", &hex::encode(&master));
        let with = |uri: &str, password: &str| uri.replacen('@', &format!(":{password}@"), 1);
        let store = planted(flock, "password of the store");
        set.push(("POSTGRES_ATHENA_LOGGING_URI", with(self.control.uri(), &store)));
        let shop = planted(flock, "password of shop");
        set.push(("PLANTED_SHOP", with(self.shop.uri(), &shop)));
        let mut leads = |variable, name: &str, host: &str, query: &str| {
            let password = planted(flock, name);
            set.push((variable, format!("postgres://me:{password}@{host}/d{query}")));
        };
        let (refusing, garbling) = (self.refusing, self.garbling);
        leads("PLANTED_WRONG", "password of wrong", &format!("127.0.0.1:{refusing}"), "");
        leads("PLANTED_AWAY", "password of away", "127.0.0.1:1", "");
        let garbled = format!("127.0.0.1:{garbling}");
        leads("PLANTED_GARBLED", "password of garbled", &garbled, "?sslmode=require");
        leads("PLANTED_NOWHERE", "password of nowhere", "no-such-host.invalid", "");
        leads("PLANTED_TILL", "password in a variable", &format!("127.0.0.1:{refusing}"), "");
        let redis = flock.plant("password of redis");
        upstreams::redis(port, &format!("CONFIG SET requirepass {redis}\r\n"));
        set.push(("ATHENA_REDIS_URL", format!("redis://:{}@127.0.0.1:{port}", escaped(&redis))));
        self.environment = set.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    }

    pub fn redis_port(&self) -> u16 {
        self.redis.url().rsplit_once(':').unwrap().1.parse().unwrap()
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        let pairs = self.environment.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub fn serve(&self) -> Program {
        self.home.serve_with(&self.environment())
    }

    /// Run a command beside the server, and keep what it says.
    pub fn command(&self, arguments: &[&str]) -> String {
        let mut command = self.home.command(arguments);
        let output = command.envs(self.environment()).output().unwrap();
        let said = [&output.stdout[..], b"\n", &output.stderr].concat();
        let text = String::from_utf8_lossy(&said).into_owned();
        self.heard(format!("athena {}", arguments.join(" ")), said);
        text
    }

    /// Ask, keep the whole answer, and tell its status and body.
    pub fn ask(&self, program: &Program, asked: Asked<'_>) -> (u16, String) {
        let (status, whole) = self.ask_whole(program, asked);
        let body = whole.split_once("\n\n").map(|(_, body)| body.to_owned());
        (status, body.unwrap_or_default())
    }

    /// The same with the headers of the answer.
    pub fn ask_whole(&self, program: &Program, asked: Asked<'_>) -> (u16, String) {
        let [_, a, b, c] = self.asked.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        // Everybody comes from elsewhere, or guesses would soon be slowed down.
        let from = format!("10.{a}.{b}.{c}");
        let mut headers = asked.headers;
        headers.push(("x-forwarded-for", from.as_str()));
        if headers.iter().all(|(name, _)| *name != "content-type") {
            headers.push(("content-type", "application/json"));
        }
        let is_endless = asked.path.starts_with("/api/v1/datasources/events");
        let patience = Duration::from_millis(if is_endless { 300 } else { 30_000 });
        let Asked { method, path, body, .. } = asked;
        let (head, body) = http::hear(program.port, method, path, &headers, body, patience)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}\n{}", program.log()));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let whole = format!("{head}\n\n{body}");
        let place = format!("{method} {} {status}", path.split('?').next().unwrap());
        self.heard(place, whole.clone());
        (status, whole)
    }

    /// Ask as the administrator.
    pub fn admin(&self, program: &Program, method: &str, path: &str, body: &Value) -> Value {
        let key = self.flock.text("admin key").to_owned();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = vec![("x-athena-key", key.as_str())];
        let (_, answer) = self.ask(program, Asked { method, path, headers, body: &body });
        serde_json::from_str(&answer).unwrap_or_default()
    }

    pub fn heard(&self, place: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.catch.lock().unwrap().add(place, bytes);
    }

    /// What the program made and has just shown: from now on it is a secret like the others.
    pub fn shown(&mut self, name: &str, text: &str) {
        self.flock.adopt(name, text);
        self.catch.lock().unwrap().last_shows(name);
    }

    /// A token that is signed with this secret.
    pub fn token(secret: &str) -> String {
        let text = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = text(json!({ "alg": "HS256", "typ": "JWT" }));
        let body = text(json!({ "role": "nobody-of-this-name", "exp": 4_000_000_000_u64 }));
        let signed = format!("{head}.{body}");
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    pub fn jwt_secret(&self) -> String {
        format!("{}-and-long-enough", self.flock.text("jwt secret"))
    }
}

/// Every row of every table, as text.
pub async fn rows(database: &TestDatabase) -> Vec<u8> {
    let mut connection = database.connect().await;
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables \
                  where schemaname not in ('pg_catalog', 'information_schema')";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    assert!(!tables.is_empty());
    let mut all = Vec::new();
    for table in tables {
        let sql = format!("select x::text from {table} x");
        let rows: Vec<Option<String>> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        all.extend(format!("{table}: {} rows\n", rows.len()).into_bytes());
        for row in rows.into_iter().flatten() {
            all.extend(row.into_bytes());
            all.push(b'\n');
        }
    }
    all
}

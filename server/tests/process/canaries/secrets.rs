//! The tours that hand in secrets, and those that are shown one.

use super::town::{Asked, Town, escaped};
use crate::program::Program;
use serde_json::{Value, json};
use std::{thread::sleep, time::Duration};

const BASE: &str = "/api/v1/datasources";
const KEYS: &str = "/admin/api-keys";

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

impl Town {
    /// A key that may do everything, and what can happen to keys.
    pub fn keys(&mut self, program: &Program) -> String {
        let wanted = json!({ "name": "all", "rights": ["*"] });
        let key = self.made_key(program, KEYS, &wanted, "an API key");
        let short = json!({ "name": "short", "client_name": "shop", "rights": ["invoices.read"] });
        self.made_key(program, KEYS, &short, "another API key");
        let listed = self.admin(program, "GET", KEYS, &Value::Null);
        let id = text(&listed["data"]["api_keys"][0]["id"]);
        let rotate = format!("{KEYS}/{id}/rotate");
        let overlap = json!({ "overlap_seconds": 600 });
        self.made_key(program, &rotate, &overlap, "a rotated API key");
        let secret = self.flock.text("an API key").to_owned();
        let odd = json!({ "name": "odd", "rights": ["*"], "secret": secret });
        self.admin(program, "POST", KEYS, &odd);
        self.admin(program, "PATCH", &format!("{KEYS}/{id}"), &json!({ "api_key": secret }));
        self.admin(program, "DELETE", &format!("{KEYS}/{id}"), &Value::Null);
        key
    }

    fn made_key(&mut self, program: &Program, path: &str, wanted: &Value, name: &str) -> String {
        let made = self.admin(program, "POST", path, wanted);
        let key = text(&made["data"]["api_key"]);
        self.shown(name, key.split_once('.').unwrap().1);
        key
    }

    /// Clients that are made, tried, changed and removed, with their secrets.
    pub async fn clients(&mut self, program: &Program) {
        let refusing = self.refusing;
        let uri =
            |password: &str| format!("postgres://me:{}@127.0.0.1:{refusing}/d", escaped(password));
        let crm = self.flock.plant("secret of crm");
        let place = json!({ "host": "127.0.0.1", "port": refusing, "username": "me" });
        let made = json!({ "name": "crm", "driver": "pg", "config": place, "secret": crm });
        let old =
            json!({ "client_name": "old", "pg_uri": uri(&self.flock.plant("password of old")) });
        for _ in 0..2 {
            self.admin(program, "POST", BASE, &made);
            self.admin(program, "POST", "/admin/clients", &old);
        }
        let till = json!({ "client_name": "till", "pg_uri_env_var": "PLANTED_TILL" });
        self.admin(program, "POST", "/admin/clients", &till);
        let ancient = uri(&self.flock.plant("password in a row of old"));
        let insert = "insert into athena_clients (client_name, pg_uri) values";
        self.control.run(&format!("{insert} ('ancient', '{ancient}')")).await;
        self.probes(program);
        self.changes(program);
        for name in ["crm", "old", "till", "ancient", "shop", "wrong"] {
            // Until it has been tried, which is when something would be said of it.
            sleep(Duration::from_millis(300));
            let path = format!("{BASE}/{name}");
            self.admin(program, "GET", &path, &Value::Null);
            self.admin(program, "POST", &format!("{path}/test"), &Value::Null);
            for inside in ["tables", "catalog", "objects", "drift"] {
                self.admin(program, "GET", &format!("{path}/external/{inside}"), &Value::Null);
            }
            self.admin(program, "POST", &format!("{path}/external/refresh-catalog"), &Value::Null);
            self.admin(program, "POST", &format!("{path}/migrate-credential"), &Value::Null);
        }
        for path in
            ["/admin/clients", BASE, "/admin/audit", "/health", "/health/cluster", "/clients"]
        {
            self.admin(program, "GET", path, &Value::Null);
        }
        let moved = self.admin(program, "GET", &format!("{BASE}/ancient"), &Value::Null);
        assert_eq!(moved["data"]["datasource"]["hasSecret"], true, "{moved}");
    }

    fn probes(&mut self, program: &Program) {
        let secret = self.flock.plant("secret of a probe");
        let (refusing, garbling) = (self.refusing, self.garbling);
        let safe = escaped(&secret);
        for config in [
            json!({ "host": "127.0.0.1", "port": refusing, "username": "me" }),
            json!({ "host": "127.0.0.1", "port": garbling, "username": "me", "ssl": true }),
            json!({ "host": "127.0.0.1", "port": 1 }),
            json!({ "url": format!("postgres://me:{safe}@127.0.0.1:{refusing}/d") }),
            json!({ "url": format!("postgres://me:{secret}@127.0.0.1:{refusing}/d") }),
            json!({ "url": format!("postgres://me@127.0.0.1/d?password={safe}&x={safe}") }),
            json!({ "url": format!("mysql://me:{safe}@127.0.0.1/d") }),
            json!({ "password": secret, "host": "127.0.0.1" }),
        ] {
            let wanted = json!({ "driver": "pg", "config": config, "secret": secret });
            self.admin(program, "POST", &format!("{BASE}/test"), &wanted);
            let kept = json!({ "name": "probed", "driver": "pg", "config": config });
            self.admin(program, "POST", BASE, &kept);
        }
        for wanted in [
            json!({ "driver": "pg", "secret": [secret] }),
            json!({ "driver": "oracle", "config": { "pwd": secret }, "secret": secret }),
            json!({ "driver": "sqlite", "config": { "filename": format!("sqlite://me:{secret}@x") } }),
        ] {
            self.admin(program, "POST", &format!("{BASE}/test"), &wanted);
        }
        let owner = self.flock.plant("password of an owner");
        let provision = format!("postgres://me:{safe}@127.0.0.1:{refusing}/d");
        self.admin(program, "POST", "/admin/provision", &json!({ "uri": provision }));
        let owner = json!({ "name": "canary_owner", "password": owner });
        let made = json!({ "client_name": "shop", "database_name": "canary_made", "role": owner });
        for _ in 0..2 {
            self.admin(program, "POST", "/admin/provision/local/databases", &made);
        }
    }

    fn changes(&mut self, program: &Program) {
        let second = self.flock.plant("second secret of crm");
        let (path, old) = (format!("{BASE}/crm"), "/admin/clients/old");
        let refusing = self.refusing;
        let uri = format!("postgres://me:{}@127.0.0.1:{refusing}/d", escaped(&second));
        for change in [
            json!({ "secret": second }),
            json!({ "secret": { "value": second, "key": "elsewhere" } }),
            json!({ "password": second }),
            json!({ "config": { "url": uri } }),
            json!({ "secret": second, "banana": second.len() }),
        ] {
            self.admin(program, "PATCH", &path, &change);
        }
        self.admin(program, "PATCH", old, &json!({ "pg_uri": uri }));
        self.admin(program, "PATCH", old, &json!({ "pg_uri": uri, "pg_uri_env_var": "X" }));
        self.admin(program, "PUT", &format!("{old}/freeze"), &json!({ "is_frozen": true }));
        self.admin(program, "PUT", "/admin/client-configs/crm", &json!({ "password": second }));
    }

    /// SQL that holds one: it is refused by the database, or it would be a caller's own business.
    pub fn spoken(&mut self, program: &Program, key: &str) {
        let secret = self.flock.plant("password in SQL");
        for path in ["/gateway/query", "/gateway/sql", "/query/sql", "/query/count"] {
            let query = format!("alter role nobody_at_all password '{secret}'");
            let body = json!({ "query": query, "db_name": "shop", "driver": "postgresql" });
            let body = if path == "/gateway/query" { json!({ "query": query }) } else { body };
            let headers = vec![("x-athena-client", "shop"), ("x-athena-key", key)];
            let (method, body) = ("POST", body.to_string());
            self.ask(program, Asked { method, path, headers, body: &body });
        }
    }

    /// Requests that are done later, with what is kept of them.
    pub fn later(&self, program: &Program, key: &str) {
        let insert =
            json!({ "table_name": "invoices", "insert_body": { "id": 70, "status": "x" } });
        let sql = json!({ "query": "select count(*) from invoices" });
        for (method, path, body) in
            [("PUT", "/gateway/insert", insert), ("POST", "/gateway/query", sql)]
        {
            let headers = vec![
                ("x-athena-client", "shop"),
                ("x-athena-key", key),
                ("x-athena-defer", "true"),
                ("idempotency-key", path),
            ];
            let (status, answer) =
                self.ask(program, Asked { method, path, headers, body: &body.to_string() });
            assert_eq!(status, 202, "{answer}");
        }
        sleep(Duration::from_millis(1500));
        let headers = vec![("x-athena-client", "shop"), ("x-athena-key", key)];
        self.ask(program, Asked { method: "GET", path: "/gateway/deferred", headers, body: "" });
        self.admin(program, "GET", "/admin/api-key-auth-log?limit=500", &Value::Null);
        self.admin(program, "GET", "/admin/audit?limit=500", &Value::Null);
    }

    /// The admin key that is made here is shown once.
    pub fn another_admin_key(&mut self, program: &Program) {
        let overlap = json!({ "overlap_seconds": 60 });
        let made = self.admin(program, "POST", "/admin/admin-key/rotate", &overlap);
        let key = text(&made["data"]["admin_key"]);
        self.shown("another admin key", &key);
    }

    /// What the commands beside the server say.
    pub fn commands(&self) {
        for arguments in [
            &["config"][..],
            &["diag"],
            &["key", "list"],
            &["audit", "verify"],
            &["secrets", "sweep"],
            &["secrets", "rotate"],
            &["snapshot", "pull", "--client", "wrong", "--out", "pulled"],
            &["snapshot", "pull", "--client", "away", "--out", "pulled"],
            &["snapshot", "pull", "--client", "shop", "--out", "pulled"],
        ] {
            let said = self.command(arguments);
            // Nothing is left over to be swept.
            let may_be_silent = arguments[1..] == ["sweep"];
            assert!(may_be_silent || !said.trim().is_empty(), "{arguments:?} says nothing");
        }
    }
}

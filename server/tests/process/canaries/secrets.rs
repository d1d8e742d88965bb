//! The tours that hand in secrets, and those that are shown one.

use super::town::{Asked, Town, escaped};
use crate::program::Program;
use serde_json::{Value, json};
use std::{thread::sleep, time::Duration};

const BASE: &str = "/api/v1/datasources";
const KEYS: &str = "/admin/api-keys";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// A form as browsers send it.
fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&")
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
        let uri = |password: &str| format!("postgres://me:{}@127.0.0.1:{refusing}/d", escaped(password));
        let crm = self.flock.plant("secret of crm");
        let place = json!({ "host": "127.0.0.1", "port": refusing, "username": "me" });
        let made = json!({ "name": "crm", "driver": "pg", "config": place, "secret": crm });
        let old = json!({ "client_name": "old", "pg_uri": uri(&self.flock.plant("password of old")) });
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
        for path in ["/admin/clients", BASE, "/admin/audit", "/health", "/health/cluster", "/clients"] {
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
            json!({ "driver": "sqlite", "config": { "filename": format!("sqlite://{secret}") } }),
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

    /// People who come in, by password and by link, and who do not.
    pub fn people(&mut self, program: &Program) {
        let admin = self.flock.text("admin key").to_owned();
        let wrong = self.flock.plant("wrong password");
        for (email, password) in [("admin@localhost", &wrong), ("nobody@example.com", &wrong)] {
            self.sign_in(program, &form(&[("email", email), ("password", password)]), None);
        }
        let right = form(&[("email", "admin@localhost"), ("password", &admin)]);
        let session = self.sign_in(program, &right, Some("a session"));
        let asked = json!({ "email": "ann@example.com", "display_name": "Ann" });
        let person = self.admin(program, "POST", "/admin/users", &asked);
        let id = text(&person["data"]["user"]["id"]);
        let path = format!("/admin/users/{id}/invite");
        let invited = self.admin(program, "POST", &path, &json!({}));
        let link = text(&invited["data"]["link"]);
        let token = link.rsplit(['=', '/', '#']).next().unwrap().to_owned();
        self.shown("a link", &token);
        let ann = self.redeem(program, &token);
        let new = self.flock.plant("new password");
        for (path, body) in [
            ("change_password", form(&[("current", &wrong), ("new", &new)])),
            ("change_password", form(&[("current", ""), ("new", "short")])),
            ("change_password", form(&[("current", ""), ("new", &new)])),
        ] {
            for cookie in [&ann, &session] {
                self.console(program, "POST", &format!("/console/fn/{path}"), cookie, &body);
            }
        }
        let spent = form(&[("link", &token)]);
        self.console(program, "POST", "/console/fn/redeem_link", &session, &spent);
        for page in [
            "/console",
            "/console/account",
            "/console/c/shop",
            "/console/c/wrong",
            "/console/sign-in",
            "/console/fn/sessions",
            "/console/fn/shell",
            "/console/fn/home",
        ] {
            self.console(program, "GET", page, &session, "");
        }
        let sessions = format!("/admin/users/{id}/sessions");
        self.admin(program, "GET", &sessions, &Value::Null);
        self.admin(program, "GET", "/admin/users", &Value::Null);
        let signed_in = form(&[("email", "ann@example.com"), ("password", &new)]);
        self.sign_in(program, &signed_in, Some("another session"));
    }

    /// Sign in; the session that is answered, under this name.
    fn sign_in(&mut self, program: &Program, body: &str, session: Option<&str>) -> String {
        let answer = self.console(program, "POST", "/console/fn/sign_in", "", body);
        match session {
            Some(name) => self.session(&answer, name),
            None => String::new(),
        }
    }

    fn redeem(&mut self, program: &Program, token: &str) -> String {
        let body = form(&[("link", token)]);
        let answer = self.console(program, "POST", "/console/fn/redeem_link", "", &body);
        self.session(&answer, "a session by link")
    }

    fn session(&mut self, answer: &str, name: &str) -> String {
        let (_, rest) = answer.split_once("athena_session=").unwrap_or_else(|| panic!("{answer}"));
        let session = rest.split(';').next().unwrap().to_owned();
        self.shown(name, &session);
        format!("athena_session={session}")
    }

    fn console(
        &self,
        program: &Program,
        method: &str,
        path: &str,
        cookie: &str,
        body: &str,
    ) -> String {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        if !cookie.is_empty() {
            headers.push(("cookie", cookie));
        }
        // A script is answered in JSON; a plain form is sent back to its page.
        let mut as_form = headers.clone();
        as_form.extend([("accept", "text/html"), ("referer", "/console/sign-in")]);
        headers.push(("accept", "application/json"));
        let (_, answer) = self.ask_whole(program, Asked { method, path, headers, body });
        if !answer.contains("athena_session=") {
            self.ask(program, Asked { method, path, headers: as_form, body });
        }
        answer
    }

    /// Requests that are done later, with what is kept of them.
    pub fn later(&self, program: &Program, key: &str) {
        let insert = json!({ "table_name": "invoices", "insert_body": { "id": 70, "status": "x" } });
        let sql = json!({ "query": "select count(*) from invoices" });
        for (method, path, body) in [("PUT", "/gateway/insert", insert), ("POST", "/gateway/query", sql)]
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

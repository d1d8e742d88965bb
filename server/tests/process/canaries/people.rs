//! People who come in, or do not: passwords, links and sessions.

use super::{
    secrets::text,
    town::{Asked, Town, escaped},
};
use crate::program::Program;
use auth::TotpSecret;
use serde_json::{Value, json};
use std::time::SystemTime;

/// A form as browsers send it.
fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&")
}

impl Town {
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
        let ann = self.sign_in(program, &signed_in, Some("another session"));
        self.second_step(program, &ann, &signed_in);
    }

    /// A second step is set up, which shows its secrets once, taken, and switched off.
    fn second_step(&mut self, program: &Program, ann: &str, signed_in: &str) {
        let act = |town: &Self, path: &str, cookie: &str, body: &str| {
            town.console(program, "POST", &format!("/console/fn/{path}"), cookie, body)
        };
        act(self, "begin_second_step", ann, "");
        let headers = vec![("cookie", ann), ("accept", "application/json")];
        let path = "/console/fn/second_step_setup";
        let (_, setup) = self.ask_whole(program, Asked { method: "GET", path, headers, body: "" });
        let (_, setup) = setup.split_once("\n\n").unwrap();
        let setup: Value = serde_json::from_str(setup).unwrap();
        let secret = text(&setup["secret"]);
        self.shown("a second step", &secret);
        let code = TotpSecret::parse(&secret).unwrap().shown_at(SystemTime::now());
        for code in ["000000", &code] {
            act(self, "confirm_second_step", ann, &form(&[("code", code)]));
        }
        let half = self.console(program, "POST", "/console/fn/sign_in", "", signed_in);
        assert!(!half.contains("athena_session="), "{half}");
        for page in ["/console/account", "/console/fn/second_step", "/console/fn/sessions"] {
            self.console(program, "GET", page, ann, "");
        }
        act(self, "end_second_step", ann, &form(&[("code", "000000")]));
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
}

//! What is asked of both sides, and how close Athena must come.

use super::template::Template;

/// One kind of request.
pub struct Scenario {
    /// What it is called on the command line.
    pub name: &'static str,
    pub title: &'static str,
    /// Athena's requests a second over the other's.
    pub bar: f64,
    /// How many rows every answer has.
    pub rows: usize,
    /// The table that grows by a row with each answer.
    pub grows: Option<&'static str>,
    /// Members that differ between two right answers.
    pub differs: &'static [&'static str],
    pub gateway: Template,
    pub limit: Template,
    /// The other side's handler once more, on Athena's own pool and driver: what they leave to a gateway.
    pub driver: Option<Template>,
}

/// How Athena is asked: for a client, with a key.
pub struct Door {
    pub client: String,
    pub key: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    /// Random requests repeat in the end, and rows from memory would say nothing of the database.
    Passed,
    Used,
}

/// All seven columns, by name.
const COLUMNS: &str = r#"["id","name","email","amount","active","created_at","reference"]"#;

impl Door {
    fn request(
        &self,
        method: &str,
        path: &str,
        cache: Cache,
        accept: &str,
        body: &str,
    ) -> Template {
        let mut headers = vec![
            ("X-Athena-Client", self.client.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", accept),
        ];
        if !self.key.is_empty() {
            headers.push(("apikey", &self.key));
        }
        if cache == Cache::Passed {
            headers.push(("Cache-Control", "no-cache"));
        }
        Template::new(method, path, &headers, body)
    }

    fn json(&self, method: &str, path: &str, body: &str) -> Template {
        self.request(method, path, Cache::Passed, "application/json", body)
    }

    fn fetch(&self, cache: Cache, rest: &str) -> Template {
        let body = fetch_body(rest);
        self.request("POST", "/gateway/fetch", cache, "application/json", &body)
    }

    /// One row by its key.
    pub fn point(&self) -> Template {
        let rest = r#""conditions":[{"operator":"eq","column":"id","value":{6}}],"limit":1"#;
        self.fetch(Cache::Passed, rest)
    }

    /// Fifty rows, filtered and sorted, at a random offset.
    pub fn page(&self) -> Template {
        self.fetch(Cache::Passed, &page_body("{3}"))
    }

    /// The whole table, one object a line.
    pub fn export(&self, rows: u64) -> Template {
        let rest = format!(r#""sort_by":{{"field":"id","direction":"asc"}},"limit":{rows}"#);
        let body = fetch_body(&rest);
        self.request("POST", "/gateway/fetch", Cache::Passed, "application/x-ndjson", &body)
    }
}

fn fetch_body(rest: &str) -> String {
    format!(r#"{{"table_name":"bench","columns":{COLUMNS},{rest}}}"#)
}

fn page_body(offset: &str) -> String {
    format!(
        r#""conditions":[{{"operator":"eq","column":"active","value":true}}],"sort_by":{{"field":"created_at","direction":"desc"}},"limit":50,"offset":{offset}"#
    )
}

/// A row to insert; the name and what is paid change from one to the next.
const NEW_ROW: &str = r#"{"name":"Customer {6}","email":"c{6}@example.test","amount":{4}.25,"active":true,"created_at":"2024-05-01T10:00:00+00:00","reference":"00000000-0000-4000-8000-000000{6}"}"#;

/// Everything that `wrk` can ask.
pub fn scenarios(door: &Door) -> Vec<Scenario> {
    let scenario = |name, title, bar, rows, gateway, limit| Scenario {
        name,
        title,
        bar,
        rows,
        grows: None,
        differs: &[],
        gateway,
        driver: None,
        limit,
    };
    let rows = r#""sort_by":{"field":"id","direction":"asc"},"limit":10000"#;
    let insert = format!(r#"{{"table_name":"bench_inserted","insert_body":{NEW_ROW}}}"#);
    let update = r#"{"table_name":"bench_updated","set":{"amount":{4}.25},"conditions":[{"operator":"eq","column":"id","value":{5}}]}"#;
    let updated = r#"{"amount":{4}.25,"id":{5}}"#;
    let mut every = vec![
        scenario("point", "one row by a random key", 0.70, 1, door.point(), limit_point()),
        scenario(
            "page",
            "50 rows, filtered and sorted, random offset",
            0.88,
            50,
            door.page(),
            Template::get("/page?offset={3}"),
        ),
        scenario(
            "repeated",
            "the same 50 rows again, cache on (other side: from memory)",
            0.60,
            50,
            door.fetch(Cache::Used, &page_body("100")),
            Template::get("/remembered"),
        ),
        scenario(
            "rows",
            "10,000 rows of 7 columns",
            0.90,
            10_000,
            door.fetch(Cache::Passed, rows),
            Template::get("/rows?limit=10000"),
        ),
        Scenario {
            grows: Some("bench_inserted"),
            differs: &["id"],
            ..scenario(
                "insert",
                "insert one row, row returned",
                0.80,
                1,
                door.json("PUT", "/gateway/insert", &insert),
                Template::post("/insert", NEW_ROW),
            )
        },
        scenario(
            "update",
            "update one row, row returned",
            0.80,
            1,
            door.json("POST", "/gateway/update", update),
            Template::post("/update", updated),
        ),
        scenario(
            "one",
            "`select 1`",
            0.70,
            1,
            door.json("POST", "/gateway/query", r#"{"query":"select 1"}"#),
            Template::get("/one"),
        ),
    ];
    for one in &mut every {
        one.driver = (one.name != "repeated").then(|| one.limit.below("/own"));
    }
    every
}

/// One row by its key, of the other side.
pub fn limit_point() -> Template {
    Template::get("/point?id={6}")
}

/// The whole table, of the other side.
pub fn limit_export() -> Template {
    Template::get("/export")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> Door {
        Door { client: "bench".to_owned(), key: "ath_0.secret".to_owned() }
    }

    fn body_of(template: &Template) -> String {
        template.filled(1).split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    #[test]
    fn every_body_is_json_once_its_gaps_are_filled() {
        let every = scenarios(&door());
        let export = door().export(1_000_000);
        let bodies = every.iter().flat_map(|one| [&one.gateway, &one.limit]).chain([&export]);
        for body in bodies.map(body_of).filter(|body| !body.is_empty()) {
            assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok(), "{body}");
        }
    }

    #[test]
    fn both_sides_are_asked_for_the_same_numbers() {
        for one in scenarios(&door()) {
            let (gateway, limit) = (one.gateway.filled(3), one.limit.filled(3));
            let asked_of_limit = limit.split_once("\r\n\r\n").unwrap();
            let number = match one.name {
                "point" => "123757",
                "page" => "457",
                "update" => "33757",
                "insert" => "Customer 123757",
                _ => continue,
            };
            let place =
                if asked_of_limit.1.is_empty() { asked_of_limit.0 } else { asked_of_limit.1 };
            assert!(gateway.contains(number) && place.contains(number), "{}", one.name);
        }
    }

    #[test]
    fn only_the_repeated_read_may_be_answered_from_memory() {
        for one in scenarios(&door()) {
            let passes = one.gateway.text().contains("Cache-Control: no-cache");
            assert_eq!(passes, one.name != "repeated", "{}", one.name);
        }
    }
}

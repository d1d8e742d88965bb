//! What is asked on every side.

use crate::contest::{scenario::Door, template::Template};
use serde_json::{Value, json};

/// How many rows a bulk insert has.
pub const BULK_ROWS: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    Point,
    Page,
    Embed,
    Bulk,
}

impl Question {
    pub const ALL: [Self; 4] = [Self::Point, Self::Page, Self::Embed, Self::Bulk];

    /// On the command line and in an address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Page => "page",
            Self::Embed => "embed",
            Self::Bulk => "bulk",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Point => "one row by a random key",
            Self::Page => "50 rows, filtered and sorted, random offset",
            Self::Embed => "5 authors with 25 books and 100 chapters, random key",
            Self::Bulk => "insert 1,000 rows at once, nothing returned",
        }
    }

    /// How many rows an answer has.
    pub fn rows(self) -> usize {
        match self {
            Self::Point => 1,
            Self::Page => 50,
            Self::Embed => 5,
            Self::Bulk => 0,
        }
    }

    pub fn relation(self) -> &'static str {
        match self {
            Self::Point | Self::Page => "bench",
            Self::Embed => "bench_authors",
            Self::Bulk => "bench_bulk",
        }
    }

    /// The query of the surface, with `{n}` where a number of n digits stands.
    pub fn query(self) -> &'static str {
        match self {
            Self::Point => "id=eq.{6}",
            Self::Page => "active=is.true&order=created_at.desc&limit=50&offset={3}",
            Self::Embed => {
                "select=id,name,bench_books(id,title,bench_chapters(id,title,pages))&id=gte.{4}&order=id&limit=5"
            }
            Self::Bulk => "",
        }
    }

    fn gap(self) -> &'static str {
        match self {
            Self::Point => "{6}",
            Self::Page => "{3}",
            Self::Embed => "{4}",
            Self::Bulk => "",
        }
    }

    /// As the surface is asked.
    pub fn of_gateway(self, door: &Door) -> Template {
        let path = match self.query() {
            "" => format!("/rest/v1/{}", self.relation()),
            query => format!("/rest/v1/{}?{query}", self.relation()),
        };
        let client = ("X-Athena-Client", door.client.as_str());
        let mut headers = vec![client];
        if !door.key.is_empty() {
            headers.push(("apikey", &door.key));
        }
        self.template(&path, headers)
    }

    /// As a bare handler is asked, in one of its ways.
    pub fn of_handler(self, way: &str) -> Template {
        let path = match self.gap() {
            "" => format!("/rest/{way}/{}", self.name()),
            gap => format!("/rest/{way}/{}?n={gap}", self.name()),
        };
        self.template(&path, Vec::new())
    }

    fn template(self, path: &str, mut headers: Vec<(&str, &str)>) -> Template {
        headers.push(("Accept", "application/json"));
        if self != Self::Bulk {
            return Template::new("GET", path, &headers, "");
        }
        headers.push(("Content-Type", "application/json"));
        headers.push(("Prefer", "return=minimal"));
        Template::new("POST", path, &headers, &bulk_body(BULK_ROWS))
    }
}

/// An array of so many rows.
pub fn bulk_body(rows: u64) -> String {
    let row = |number: u64| {
        json!({
            "name": format!("Customer {number}"),
            "email": format!("c{number}@example.test"),
            "amount": number as f64 + 0.25,
            "active": number.is_multiple_of(3),
            "created_at": "2024-05-01T10:00:00+00:00",
            "reference": format!("00000000-0000-4000-8000-{number:012}"),
        })
    };
    Value::Array((1..=rows).map(row).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_side_is_asked_for_the_same_number() {
        let door = Door { client: "bench".to_owned(), key: "ath_0.secret".to_owned() };
        for (question, number) in
            [(Question::Point, "123757"), (Question::Page, "457"), (Question::Embed, "6757")]
        {
            for template in [question.of_gateway(&door), question.of_handler("sessions")] {
                let text = template.filled(3);
                let line = text.lines().next().unwrap();
                assert!(line.contains(number), "{line}");
            }
        }
    }

    #[test]
    fn the_same_rows_are_sent_to_every_side() {
        let door = Door { client: "bench".to_owned(), key: String::new() };
        let body = |template: Template| {
            let text = template.filled(1);
            text.split_once("\r\n\r\n").unwrap().1.to_owned()
        };
        let ours = body(Question::Bulk.of_gateway(&door));
        assert_eq!(ours, body(Question::Bulk.of_handler("pipelined")));
        let rows: Vec<Value> = serde_json::from_str(&ours).unwrap();
        assert_eq!(rows.len() as u64, BULK_ROWS);
    }
}

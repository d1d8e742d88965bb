//! Which heading a table stands under when nobody has said so.

use crate::{facts::TableFacts, words};
use std::collections::HashMap;

const BILLING: &[&str] = &[
    "invoice",
    "payment",
    "subscription",
    "credit",
    "charge",
    "refund",
    "price",
    "plan",
    "tax",
    "order",
    "quote",
    "transaction",
    "ledger",
    "account",
    "allocation",
    "balance",
    "discount",
];
const PEOPLE: &[&str] = &[
    "customer",
    "user",
    "contact",
    "employee",
    "organization",
    "organisation",
    "company",
    "person",
    "member",
    "team",
    "lead",
    "tenant",
    "staff",
    "supplier",
    "vendor",
    "patient",
    "student",
];
const CATALOGUE: &[&str] = &[
    "product",
    "item",
    "category",
    "catalog",
    "catalogue",
    "track",
    "album",
    "artist",
    "genre",
    "playlist",
    "media",
    "brand",
    "sku",
    "stock",
    "inventory",
    "warehouse",
    "film",
    "book",
];
const SUPPORT: &[&str] = &["ticket", "issue", "case", "message", "comment", "feedback", "chat"];
const CONTENT: &[&str] = &["file", "document", "page", "post", "form", "image", "attachment"];
const INTERNAL: &[&str] = &[
    "log",
    "audit",
    "event",
    "session",
    "migration",
    "setting",
    "config",
    "job",
    "queue",
    "token",
    "permission",
    "role",
    "key",
    "secret",
    "notification",
    "flag",
    "preference",
    "webhook",
];

const LEXICON: [(&str, &[&str]); 6] = [
    ("Billing", BILLING),
    ("People", PEOPLE),
    ("Catalogue", CATALOGUE),
    ("Support", SUPPORT),
    ("Content", CONTENT),
    ("Internal", INTERNAL),
];

/// What nothing else claims.
pub const GENERAL: &str = "General";
pub const VIEWS: &str = "Views";

/// A category for each table, in order: views together, other schemas by their name, then by
/// the first word that says something, then as the tables it points at or that point at it.
pub(crate) fn categories(tables: &[TableFacts]) -> Vec<String> {
    let mut found: Vec<Option<String>> = tables.iter().map(by_itself).collect();
    let places: HashMap<_, _> =
        tables.iter().enumerate().map(|(at, table)| (table.key(), at)).collect();
    let links: Vec<(usize, usize)> = tables
        .iter()
        .enumerate()
        .flat_map(|(from, table)| {
            let targets = table.foreign_keys.iter().filter_map(|key| {
                places.get(&(key.target_schema.as_str(), key.target_table.as_str()))
            });
            targets.map(move |to| (from, *to)).collect::<Vec<_>>()
        })
        .collect();
    for (from, to) in &links {
        if found[*from].is_none() {
            found[*from] = found[*to].clone();
        }
    }
    for (from, to) in &links {
        if found[*to].is_none() {
            found[*to] = found[*from].clone();
        }
    }
    found.into_iter().map(|category| category.unwrap_or_else(|| GENERAL.to_owned())).collect()
}

fn by_itself(table: &TableFacts) -> Option<String> {
    if table.is_view {
        return Some(VIEWS.to_owned());
    }
    if table.schema != "public" {
        return Some(words::label(&table.schema));
    }
    words::words(&table.name).iter().find_map(|word| {
        let word = words::singular(word);
        let known = LEXICON.iter().find(|(_, words)| words.contains(&word.as_str()));
        known.map(|(category, _)| (*category).to_owned())
    })
}

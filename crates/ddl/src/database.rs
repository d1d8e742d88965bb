//! A new database on the server of one that is there.

use crate::{
    change::{Change, Framing, Kind, Request},
    error::DdlError,
    fields::{Fields, ident},
    sql::Sql,
};
use serde_json::Value;

const WORDS: [(&str, &str); 3] =
    [("encoding", " ENCODING "), ("lc_collate", " LC_COLLATE "), ("lc_ctype", " LC_CTYPE ")];
const NAMES: [(&str, &str); 2] = [("owner", " OWNER "), ("tablespace", " TABLESPACE ")];

/// Any other database would be copied with all that is in it.
const TEMPLATES: [&str; 2] = ["template0", "template1"];

/// `{database_name, owner?, template?, encoding?, lc_collate?, lc_ctype?, tablespace?}`
pub fn create_database(body: Value) -> Result<Request, DdlError> {
    let mut fields = Fields::of(body)?;
    let name = fields.needed_text("database_name")?.trim().to_ascii_lowercase();
    let is_plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_plain || name.starts_with("pg_") {
        return Err(
            fields.invalid("database_name", "letters, digits and _, beginning with a letter")
        );
    }
    let name = ident(&name, "database_name")?;
    let mut sql = Sql::new("CREATE DATABASE ");
    sql.ident(&name);
    for (member, words) in NAMES {
        if let Some(found) = fields.ident(member)? {
            sql.words(words).ident(&found);
        }
    }
    match fields.word("template", &TEMPLATES, "template0 or template1")? {
        Some("template0") => sql.words(" TEMPLATE template0"),
        Some(_) => sql.words(" TEMPLATE template1"),
        None => &mut sql,
    };
    for (member, words) in WORDS {
        if let Some(text) = fields.text(member)? {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
            if text.is_empty() || text.len() > 63 || !text.chars().all(is_plain) {
                return Err(fields.invalid(member, "the name of one, such as UTF8 or C"));
            }
            sql.words(words).text(&text);
        }
    }
    let dry_run = fields.flag("dry_run", false)?;
    fields.finish()?;
    let mut change = Change::new(Kind::CreateDatabase, None, name);
    change.rights.push(&["management.provision.write"]);
    change.framing = Framing::Alone { leftover: None };
    change.statements.push(sql.finish());
    Ok(Request { change, dry_run })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_database_has_a_plain_name_and_nothing_breaks_out_of_its_options() {
        let body = json!({"database_name": "Shop_2", "owner": "o\"x", "encoding": "UTF8", "template": "template0"});
        assert_eq!(
            create_database(body).unwrap().change.sql(),
            ["CREATE DATABASE \"shop_2\" OWNER \"o\"\"x\" TEMPLATE template0 ENCODING 'UTF8'"]
        );
        for name in ["", "a b", "1a", "é", "pg_x", "a\"b", &"a".repeat(64)] {
            assert!(create_database(json!({"database_name": name})).is_err(), "{name}");
        }
        let copied = json!({"database_name": "a", "template": "another_tenants"});
        assert!(create_database(copied).is_err());
        for wrong in ["", "UTF8'", "x y"] {
            assert!(create_database(json!({"database_name": "a", "encoding": wrong})).is_err());
        }
    }
}

//! A user of the database, for a database that is made for them.

use crate::{
    change::{Change, Kind},
    sql::Sql,
};
use catalog::Ident;

/// Somebody who may sign in, with what the database keeps of their password.
pub fn create_role(name: &Ident, verifier: &str) -> Change {
    let mut sql = Sql::new("CREATE ROLE ");
    sql.ident(name).words(" LOGIN PASSWORD ");
    let mut shown = sql.clone();
    sql.text(verifier);
    shown.words("'(hidden)'");
    let mut change = on(Kind::CreateRole, name);
    change.statements.push(sql.finish_shown_as(shown));
    // Else whoever makes the role may not make a database for it.
    let mut grant = Sql::new("GRANT ");
    grant.ident(name).words(" TO CURRENT_USER");
    change.statements.push(grant.finish());
    change
}

pub fn drop_role(name: &Ident) -> Change {
    let mut sql = Sql::new("DROP ROLE IF EXISTS ");
    sql.ident(name);
    let mut change = on(Kind::DropRole, name);
    change.statements.push(sql.finish());
    change
}

fn on(kind: Kind, name: &Ident) -> Change {
    let mut change = Change::new(kind, None, name.clone());
    change.rights.push(&["management.provision.write"]);
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_in_the_statement_and_in_nothing_that_is_shown_of_it() {
        let name = Ident::parse("o\"x").unwrap();
        let change = create_role(&name, "SCRAM-SHA-256$x'y");
        assert_eq!(
            change.statements[0].text(),
            "CREATE ROLE \"o\"\"x\" LOGIN PASSWORD 'SCRAM-SHA-256$x''y'"
        );
        assert_eq!(change.sql()[0], "CREATE ROLE \"o\"\"x\" LOGIN PASSWORD '(hidden)'");
        assert!(!format!("{change:?}").contains("SCRAM"));
    }
}

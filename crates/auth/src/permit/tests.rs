use super::*;
use crate::{
    caller::{KeyId, Membership},
    scope::Scope,
};
use catalog::Ident;
use std::sync::Arc;

fn caller(rights: &[&str]) -> Caller {
    Caller::new(Credential::Key {
        id: KeyId(Arc::from("0123456789abcdef")),
        client: Some(client("shop")),
        rights: rights.iter().map(|right| Right(Arc::from(*right))).collect(),
    })
}

fn client(name: &str) -> ClientName {
    ClientName::parse(name).unwrap()
}

fn may(right: &str, table: &str, action: Action) -> bool {
    let (schema, name) = table.split_once('/').unwrap_or(("public", table));
    let relation = QualifiedName::new(Ident::parse(schema).unwrap(), Ident::parse(name).unwrap());
    Permit::for_relation(&caller(&[right]), &client("shop"), &relation, action).is_ok()
}

fn has(right: &str, needed: &str) -> bool {
    Permit::for_right(&caller(&[right]), &client("shop"), needed).is_ok()
}

#[test]
fn six_grants_open_a_table_for_reading_and_others_do_not() {
    for right in ["users.read", "users.*", "*.read", "gateway.read", "gateway.*", "*", "USERS.Read"]
    {
        assert!(may(right, "users", Action::Read), "{right}");
        assert!(has(right, "users.read"), "{right}");
    }
    for right in ["users.write", "tickets.read", "user.read", "gateway.write", "read", "", "users"]
    {
        assert!(!may(right, "users", Action::Read), "{right}");
    }
    assert!(!may("users.read", "users", Action::Write));
    assert!(!may("users.write", "users", Action::Delete));
}

#[test]
fn a_bare_name_is_about_the_public_schema_only() {
    assert!(may("billing.users.read", "billing/users", Action::Read));
    assert!(may("billing.users.*", "billing/users", Action::Delete));
    assert!(may("public.users.read", "users", Action::Read));
    assert!(!may("users.read", "billing/users", Action::Read));
    assert!(!may("billing.users.read", "users", Action::Read));
    assert!(!may("billing.*", "billing/users", Action::Read));
}

#[test]
fn rights_over_data_never_reach_management() {
    for right in ["gateway.*", "gateway.read", "*.read", "*.tables.write", "gateway.tables.write"] {
        assert!(!has(right, "management.read"), "{right}");
        assert!(!has(right, "management.tables.write"), "{right}");
        assert!(!has(right, "admin.read"), "{right}");
    }
    assert!(has("management.*", "management.tables.write"));
    assert!(has("management.read", "management.read"));
    assert!(has("gateway.*", "schema.read"));
}

#[test]
fn a_table_named_like_a_namespace_opens_nothing_of_it() {
    assert!(!may("management.read", "management", Action::Read));
    assert!(!may("schema.read", "schema", Action::Read));
    assert!(may("public.management.read", "management", Action::Read));
    assert!(!may("management.tables.write", "management/tables", Action::Write));
    assert!(may("gateway.write", "management/tables", Action::Write));
}

#[test]
fn a_name_that_needs_quotes_needs_a_right_over_everything() {
    assert!(!may("a.b.read", "a.b", Action::Read));
    assert!(!may("*.*", "odd name", Action::Read));
    assert!(may("gateway.read", "a.b", Action::Read));
    // PostgreSQL may hold both spellings.
    assert!(!may("users.read", "Users", Action::Read));
    assert!(may("Users.read", "Users", Action::Read));
}

#[test]
fn another_clients_key_is_refused_whatever_it_may_do() {
    let refused = Permit::for_right(&caller(&["*"]), &client("other"), "schema.read");
    assert_eq!(refused.unwrap_err(), PermitError::ClientMismatch);
    assert_eq!(PermitError::ClientMismatch.problem().status, 403);
}

#[test]
fn the_missing_right_is_named() {
    let users = QualifiedName::new(Ident::parse("public").unwrap(), Ident::parse("users").unwrap());
    let refused = Permit::for_relation(&caller(&[]), &client("shop"), &users, Action::Read);
    let problem = refused.unwrap_err().problem();
    assert_eq!((problem.status, problem.message.as_str()), (403, "Insufficient API key rights"));
    assert_eq!(problem.details["missing_rights"][0], "users.read");
}

#[test]
fn people_and_the_gateway_itself_may_everything() {
    for caller in [Caller::person("1"), Caller::system(), Caller::anonymous()] {
        assert!(Permit::for_right(&caller, &client("shop"), "gateway.delete").is_ok());
    }
}

#[test]
fn a_right_that_could_open_nothing_is_not_granted() {
    for right in ["*", "gateway.*", "invoices.read", "billing.invoices.*", "*.read", "schema.read"]
    {
        assert!(Right::parse(right).is_ok(), "{right}");
    }
    for right in ["", "invoices", "invoices.raed", "a.b.c.read", "gateway.drop", "a b.read", "*.*"]
    {
        assert!(Right::parse(right).is_err(), "{right}");
    }
    assert!(Right::parse(&format!("{}.read", "x".repeat(300))).is_err());
}

#[test]
fn a_member_may_what_their_scopes_say_and_nothing_that_is_about_no_table() {
    let scopes = ["read:*", "create:invoices"].map(|text| Scope::parse(text).unwrap());
    let membership = Membership { scopes: scopes.into(), ..Membership::default() };
    let member = Caller::member("1", membership);
    let relation = |schema: &str, name: &str| {
        QualifiedName::new(Ident::parse(schema).unwrap(), Ident::parse(name).unwrap())
    };
    let may = |name: &str, action| {
        Permit::for_relation(&member, &client("shop"), &relation("public", name), action)
    };
    assert!(may("customers", Action::Read).is_ok());
    assert!(may("invoices", Action::Write).is_ok());
    assert!(member.has_scope(Verb::Create, &relation("public", "invoices")));
    assert!(!member.has_scope(Verb::Update, &relation("public", "invoices")));
    let problem = may("customers", Action::Write).unwrap_err().problem();
    assert_eq!((problem.status, problem.code.as_str()), (403, "missing_scope"));
    assert_eq!(problem.details["missing_scopes"][0], "create:customers");
    assert!(may("invoices", Action::Delete).is_err());
    assert!(Permit::for_right(&member, &client("shop"), "gateway.query").is_err());
    let nobody = Caller::member("2", Membership::default());
    let read =
        Permit::for_relation(&nobody, &client("shop"), &relation("public", "a"), Action::Read);
    assert!(read.is_err(), "who belongs nowhere sees nothing");
}

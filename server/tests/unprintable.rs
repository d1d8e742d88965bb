//! What holds a secret can be printed in no way, or prints itself without it.

use std::fmt::{Debug, Display};

/// Fails to compile where the type has the trait: then there are two ways to be this.
macro_rules! assert_not {
    ($having:ident: $($type:ty),+ $(,)?) => {$({
        trait Ambiguous<Way> {
            fn is_one() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        struct TheOther;
        impl<T: ?Sized + $having> Ambiguous<TheOther> for T {}
        <$type as Ambiguous<_>>::is_one();
    })+};
}

#[test]
fn secrets_have_neither_debug_nor_display() {
    assert_not!(Debug:
        settings::Secret, settings::Settings, secrets::Cleartext, secrets::MasterKey,
        auth::PresentedKey, auth::Peppers, auth::SessionToken, auth::ApiKey, auth::KeptAdminKey,
        app::port::SessionCookie, api_types::console::SignInInput,
        gateway::registry::Target, gateway::CacheSettings, gateway::admin::clients::SecretInput,
        gateway::JwtSettings, gateway::RestOptions, backend_postgres::PostgresSettings,
        datasources::driver::Connection, gateway::registry::Spec<'static>,
    );
    assert_not!(Display:
        settings::Secret, secrets::Cleartext, secrets::MasterKey, auth::PresentedKey,
        auth::Peppers, auth::SessionToken, auth::ApiKey, app::port::SessionCookie,
        gateway::registry::Target, backend_postgres::PostgresSettings,
    );
}

/// `==` stops at the first byte that differs, and tells by its time how far somebody has come.
#[test]
fn what_verifies_is_compared_by_no_operator() {
    assert_not!(PartialEq:
        auth::ApiKey, auth::ApiKeyHash, auth::AdminKeyHash, auth::KeptAdminKey, auth::Pepper,
        auth::PresentedKey, auth::PasswordHash, auth::SessionToken, secrets::MasterKey,
        secrets::Cleartext,
    );
}

const PASSWORD: &str = "zq9-planted";

#[tokio::test]
async fn what_can_be_printed_prints_no_secret() {
    let uri = format!("postgres://me:{PASSWORD}@127.0.0.1:1/d");
    let store = store::Store::open(&uri).unwrap();
    let settings = backend_postgres::PostgresSettings::parse(&uri).unwrap();
    let backend = std::sync::Arc::new(backend_postgres::Postgres::connect(&settings));
    let name = || api_types::ClientName::parse("shop").unwrap();
    let registry = gateway::registry::Registry::default();
    registry.add(name(), backend.clone(), gateway::ClientInfo::default());
    // As a row of old has it, and as a variable of the environment is read.
    let (driver, origin) = (datasources::Driver::Postgres, datasources::Origin::Runtime);
    let mut record = datasources::ClientRecord::new(name(), driver, origin);
    record.config.insert("url".to_owned(), uri.into());
    record.config.insert("password".to_owned(), PASSWORD.into());
    for printed in [
        format!("{store:?}"),
        format!("{backend:?}"),
        format!("{registry:?}"),
        format!("{record:#?}"),
    ] {
        assert!(!printed.is_empty() && !printed.contains(PASSWORD), "{printed}");
    }
}

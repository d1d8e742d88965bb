use super::*;
use crate::pepper::{Pepper, Peppers};

fn peppers(texts: &[&str]) -> Peppers {
    Peppers::parse(&texts.join(",")).ok().unwrap()
}

#[test]
fn a_new_key_reads_back_and_verifies() {
    let peppers = peppers(&[&Pepper::new_text()]);
    let key = ApiKey::generate();
    let text = key.reveal();
    assert_eq!(text.len(), 4 + 16 + 1 + 64);
    let again = ApiKey::parse(&text).ok().unwrap();
    assert_eq!(again.id(), key.id());
    for peppers in [None, Some(&peppers)] {
        assert!(key.hash(peppers).verifies(&again));
        assert!(!key.hash(peppers).verifies(&ApiKey::generate()));
        assert!(!key.hash(peppers).verifies(&ApiKey::renewed(key.id())));
    }
    assert_ne!(ApiKey::generate().reveal(), text);
}

#[test]
fn a_key_that_was_made_elsewhere_still_opens() {
    // printf 'salt:secret' | sha256sum
    let digest = "e0daae7ddca6117bae5f642d182bf4c456a16fe195e74ccb38714372c533f828";
    let columns = |digest: &str| HashColumns {
        salt: "salt".to_owned(),
        digest: digest.to_owned(),
        ..HashColumns::default()
    };
    let half = ApiKeyHash::from_stored(&columns(&digest[..32]), None);
    assert!(half.is_none(), "half a digest is none");
    let stored = ApiKeyHash::from_stored(&columns(digest), None).unwrap();
    let key = ApiKey::parse("ath_0123456789abcdef.secret").ok().unwrap();
    assert!(stored.verifies(&key));
    let peppers = peppers(&[&Pepper::new_text()]);
    assert!(!stored.is_current(Some(&peppers)), "and is made anew where there is a pepper");
}

#[test]
fn a_peppered_hash_needs_its_pepper_and_its_own_row() {
    let (new, old) = (Pepper::new_text(), Pepper::new_text());
    let key = ApiKey::generate();
    let made = key.hash(Some(&peppers(&[&old]))).columns();
    assert_eq!((made.version, made.salt.as_str()), (1, ""));
    assert!(ApiKeyHash::from_stored(&made, None).is_none());
    assert!(ApiKeyHash::from_stored(&made, Some(&peppers(&[&new]))).is_none());
    let both = peppers(&[&new, &old]);
    let stored = ApiKeyHash::from_stored(&made, Some(&both)).unwrap();
    assert!(stored.verifies(&key) && !stored.is_current(Some(&both)));
    assert!(key.hash(Some(&both)).is_current(Some(&both)));
    let elsewhere = ApiKey { id: ApiKey::generate().id, secret: key.secret.clone() };
    assert!(!stored.verifies(&elsewhere), "the same secret under another id");
}

#[test]
fn a_hash_of_a_later_version_opens_nothing() {
    let key = ApiKey::generate();
    let columns = HashColumns { version: 2, ..key.hash(None).columns() };
    assert!(ApiKeyHash::from_stored(&columns, None).is_none());
}

#[test]
fn what_is_no_key_is_refused() {
    let long = format!("ath_0123456789abcdef.{}", "x".repeat(257));
    for text in [
        "",
        "ath_",
        "ath_0123456789abcdef",
        "ath_0123456789abcdef.",
        "ath_0123456789abcde.x",
        "ath_0123456789ABCDEF.x",
        "ATH_0123456789abcdef.x",
        "xyz_0123456789abcdef.x",
        "ath_0123456789abcdeg.x",
        "ath_0123456789abcdef.a b",
        "ath_0123456789abcdef.名",
        &long,
    ] {
        assert!(ApiKey::parse(text).is_err(), "{text}");
    }
}

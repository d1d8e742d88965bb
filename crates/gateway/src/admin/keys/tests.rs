use super::*;
use checked::{OVERLAP_LIMIT, overlap};

/// A store that is not there: what is refused here is refused before it is asked.
fn keys() -> Keys {
    Keys::new(Store::open("postgresql://nobody@127.0.0.1:1/nothing").unwrap())
}

async fn refusal(wanted: KeyWanted) -> (u16, String) {
    let refused = keys().checked(wanted, &ApiKey::generate()).await;
    let refused = refused.map(|_key| ()).unwrap_err().problem();
    (refused.status, refused.code)
}

fn named() -> KeyWanted {
    KeyWanted { name: "reports".to_owned(), ..KeyWanted::default() }
}

#[tokio::test]
async fn what_cannot_become_a_key_is_refused_by_its_field() {
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (KeyWanted { name: "  ".to_owned(), ..named() }, "missing_field"),
        (KeyWanted { name: "x".repeat(201), ..named() }, "invalid_field"),
        (KeyWanted { description: some("a\0b"), ..named() }, "invalid_field"),
        (KeyWanted { client_name: some("no client"), ..named() }, "invalid_field"),
        (KeyWanted { expires_at: some("tomorrow"), ..named() }, "invalid_timestamp"),
        (KeyWanted { expires_at: some("2001-01-01T00:00:00Z"), ..named() }, "invalid_timestamp"),
        (KeyWanted { rights: vec!["a b.read".to_owned()], ..named() }, "unknown_right"),
        (KeyWanted { rights: vec!["a.read".to_owned(); 201], ..named() }, "invalid_field"),
    ];
    for (wanted, code) in cases {
        assert_eq!(refusal(wanted.clone()).await, (400, code.to_owned()), "{wanted:?}");
    }
}

#[tokio::test]
async fn every_unknown_right_is_named_at_once() {
    let rights = ["invoices.read", "non sense", "management.all"].map(str::to_owned).to_vec();
    let refused = keys().checked(KeyWanted { rights, ..named() }, &ApiKey::generate()).await;
    let problem = refused.map(|_key| ()).unwrap_err().problem();
    assert_eq!(problem.message, "Unknown API key rights: non sense, management.all");
}

#[tokio::test]
async fn what_is_kept_of_a_key_does_not_hold_its_secret() {
    let key = ApiKey::generate();
    let text = key.reveal();
    let (_, secret) = text.split_once('.').unwrap();
    let peppers = Peppers::parse(&auth::Pepper::new_text()).ok().unwrap();
    for peppers in [None, Some(peppers)] {
        let kept = keys().peppered(peppers).checked(named(), &key).await.ok().unwrap();
        assert!(!kept.hash.digest.contains(secret) && !kept.hash.salt.contains(secret));
        assert_eq!(kept.public_id, &*key.id().0);
    }
}

#[test]
fn a_secret_does_not_overlap_for_ever() {
    assert!(overlap(OVERLAP_LIMIT).is_ok());
    let problem = overlap(OVERLAP_LIMIT + 1).unwrap_err().problem();
    assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_field"));
}

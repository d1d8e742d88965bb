use crate::migrated;
use secrets::Sealed;
use std::time::{Duration, SystemTime};
use store::{NewHalf, NewSession, SealedRow, Store, TotpConfirmed};
use test_support::TestDatabase;
use uuid::Uuid;

fn sealed(text: &str) -> Sealed {
    Sealed {
        alg: "aes-256-gcm".to_owned(),
        kms_key_id: "local:v1".to_owned(),
        version: 1,
        ciphertext: text.to_owned(),
    }
}

fn secret(digit: char, text: &str) -> SealedRow {
    SealedRow {
        id: format!("sec_{}", digit.to_string().repeat(32)),
        namespace: "console_totp".to_owned(),
        key: "ada".to_owned(),
        sealed: sealed(text),
    }
}

fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

fn an_hour_ago() -> SystemTime {
    SystemTime::now() - Duration::from_secs(3600)
}

async fn ada(store: &Store) -> Uuid {
    store.upsert_admin("ada@example.com", None, None).await.unwrap().id.parse().unwrap()
}

async fn session(store: &Store, person: Uuid, token_hash: &str) {
    let user_id = person.to_string();
    let expires_at = in_an_hour();
    let session = NewSession { user_id: &user_id, token_hash, expires_at, remote_addr: None };
    store.create_session(&session).await.unwrap();
}

async fn half(store: &Store, person: Uuid, token_hash: &str, expires_at: SystemTime) {
    let user_id = person.to_string();
    let half = NewHalf { user_id: &user_id, token_hash, expires_at, tries: 2 };
    store.create_half(&half).await.unwrap();
}

/// Somebody whose second step is asked for.
async fn confirmed() -> (TestDatabase, Store, Uuid) {
    let (database, store) = migrated().await;
    let person = ada(&store).await;
    let row = secret('1', "draft");
    assert!(store.begin_totp(person, &row).await.unwrap());
    session(&store, person, "here").await;
    session(&store, person, "there").await;
    let confirmed = TotpConfirmed {
        secret_id: &row.id,
        sealed: &sealed("whole"),
        step: 100,
        recovery_hashes: &["a".to_owned(), "b".to_owned()],
        session: "here",
    };
    assert!(store.confirm_totp(person, &confirmed).await.unwrap());
    assert!(!store.confirm_totp(person, &confirmed).await.unwrap(), "once");
    (database, store, person)
}

#[tokio::test]
async fn a_draft_asks_nobody_and_is_replaced_and_what_was_confirmed_stays() {
    let (_database, store) = migrated().await;
    let person = ada(&store).await;
    assert!(store.begin_totp(person, &secret('1', "one")).await.unwrap());
    assert!(store.begin_totp(person, &secret('2', "two")).await.unwrap());
    assert!(!store.has_totp(person).await.unwrap());
    let kept = store.secrets().await.unwrap();
    assert_eq!(kept, [secret('2', "two")], "the first draft left nothing behind");
    let found = store.totp_of(person, an_hour_ago()).await.unwrap().unwrap();
    assert!(!found.is_confirmed && found.secret == secret('2', "two"));
    assert_eq!(store.totp_of(person, in_an_hour()).await.unwrap(), None, "too old by then");
    assert!(!store.spend_totp_step(person, 1).await.unwrap());
    assert!(!store.remove_totp(person).await.unwrap());
}

#[tokio::test]
async fn confirming_ends_other_sessions_and_forgets_what_was_sealed_for_the_draft() {
    let (_database, store, person) = confirmed().await;
    assert!(store.has_totp(person).await.unwrap());
    assert!(store.find_session("here").await.unwrap().is_some());
    assert!(store.find_session("there").await.unwrap().is_none());
    let found = store.totp_of(person, in_an_hour()).await.unwrap().unwrap();
    assert_eq!((found.is_confirmed, found.recovery_left), (true, 2));
    assert_eq!(
        (found.secret.sealed.ciphertext.as_str(), found.secret.sealed.version),
        ("whole", 2)
    );
    assert!(!store.begin_totp(person, &secret('3', "another")).await.unwrap());
    assert_eq!(store.secrets().await.unwrap().len(), 1);
    assert!(store.person(person).await.unwrap().unwrap().has_totp);
}

#[tokio::test]
async fn a_step_is_used_once_and_none_before_it_is_used_later() {
    let (_database, store, person) = confirmed().await;
    assert!(!store.spend_totp_step(person, 100).await.unwrap(), "it confirmed the secret");
    let many = (0..8).map(|_| store.spend_totp_step(person, 101));
    let used = futures_util::future::join_all(many).await;
    assert_eq!(used.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1);
    assert!(!store.spend_totp_step(person, 99).await.unwrap());
    assert!(store.spend_totp_step(person, 102).await.unwrap());
}

#[tokio::test]
async fn a_recovery_code_is_used_once() {
    let (_database, store, person) = confirmed().await;
    assert!(!store.spend_recovery_code(person, "c").await.unwrap());
    assert!(!store.spend_recovery_code(Uuid::new_v4(), "a").await.unwrap());
    let many = (0..8).map(|_| store.spend_recovery_code(person, "a"));
    let used = futures_util::future::join_all(many).await;
    assert_eq!(used.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1);
    assert_eq!(store.totp_of(person, in_an_hour()).await.unwrap().unwrap().recovery_left, 1);
}

#[tokio::test]
async fn removing_a_second_step_leaves_nothing_of_it() {
    let (database, store, person) = confirmed().await;
    half(&store, person, "half", in_an_hour()).await;
    assert!(store.remove_totp(person).await.unwrap());
    assert!(!store.remove_totp(person).await.unwrap());
    assert!(!store.has_totp(person).await.unwrap());
    assert!(store.secrets().await.unwrap().is_empty());
    assert_eq!(store.half("half").await.unwrap(), None);
    let mut connection = database.connect().await;
    let left: i64 = sqlx::query_scalar("select count(*) from console_recovery_codes")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_second_steps_secret_is_no_stray() {
    let (_database, store, person) = confirmed().await;
    assert!(store.has_secrets().await.unwrap());
    assert!(store.stray_secrets().await.unwrap().is_empty());
    let id = store.totp_of(person, in_an_hour()).await.unwrap().unwrap().secret.id;
    assert!(!store.remove_stray(&id).await.unwrap());
    assert!(store.secret(&id).await.unwrap().is_some());
}

#[tokio::test]
async fn half_a_sign_in_ends_with_its_tries_its_time_its_use_and_a_new_password() {
    let (database, store) = migrated().await;
    let person = ada(&store).await;
    half(&store, person, "tried", in_an_hour()).await;
    assert_eq!(store.half("tried").await.unwrap(), Some(person));
    for _ in 0..2 {
        assert_eq!(store.try_half("tried").await.unwrap(), Some(person));
    }
    assert_eq!(store.try_half("tried").await.unwrap(), None);
    assert_eq!(store.half("tried").await.unwrap(), None);
    half(&store, person, "over", an_hour_ago()).await;
    assert_eq!(store.try_half("over").await.unwrap(), None);
    half(&store, person, "used", in_an_hour()).await;
    assert!(store.spend_half("used").await.unwrap() && !store.spend_half("used").await.unwrap());
    half(&store, person, "old password", in_an_hour()).await;
    store.set_password(&person.to_string(), "new hash").await.unwrap();
    assert_eq!(store.try_half("old password").await.unwrap(), None);
    half(&store, person, "left", in_an_hour()).await;
    database.run("update console_users set is_active = false").await;
    assert_eq!(store.try_half("left").await.unwrap(), None);
}

#[tokio::test]
async fn a_session_works_for_the_organization_that_was_chosen_and_the_next_one_goes_on() {
    let (_database, store) = migrated().await;
    let person = ada(&store).await;
    let mut ids = Vec::new();
    for name in ["Books", "Arts", "Others"] {
        let made = store.create_organization(name, None).await.unwrap().unwrap();
        ids.push(made.id.parse::<Uuid>().unwrap());
    }
    for id in &ids[..2] {
        assert!(store.set_member(*id, person, &["read:*".to_owned()]).await.unwrap());
    }
    session(&store, person, "here").await;
    let works_for = async |session: &str| {
        store.find_session(session).await.unwrap().unwrap().organization_id.unwrap()
    };
    assert_eq!(works_for("here").await, ids[0].to_string(), "joined first");
    assert!(!store.work_for("here", ids[2]).await.unwrap(), "no member");
    assert!(store.work_for("here", ids[1]).await.unwrap());
    assert_eq!(works_for("here").await, ids[1].to_string());
    session(&store, person, "next").await;
    assert_eq!(works_for("next").await, ids[1].to_string());
    let listed = store.organizations_of("next").await.unwrap();
    let listed: Vec<_> = listed.iter().map(|it| (it.name.as_str(), it.is_chosen)).collect();
    assert_eq!(listed, [("Arts", true), ("Books", false)]);
    assert!(store.remove_member(ids[1], person).await.unwrap());
    assert_eq!(
        works_for("next").await,
        ids[0].to_string(),
        "who is out of one works for the other"
    );
    store.delete_organization(ids[1]).await.unwrap();
    assert_eq!(works_for("here").await, ids[0].to_string());
}

//! What people do with their own password and sessions.

use super::{KEY, code, house, peer, session};
use app::port::Door;
use gateway::admin::{
    audit::Actor,
    people::{People, PersonWanted},
};

#[tokio::test]
async fn a_person_sets_their_password_and_every_other_session_ends_with_the_old_one() {
    let house = house().await;
    let people = People::new(house.store.clone());
    let wanted = PersonWanted { email: "eve@example.com".to_owned(), ..PersonWanted::default() };
    let eve = people.create(&Actor::System, wanted).await.unwrap();
    let enter = async || {
        let invited = people.invite(&Actor::System, &eve.id, None).await.unwrap();
        session(house.door.redeem_link(&invited.token, peer()).await.unwrap())
    };
    let (here, there) = (enter().await, enter().await);
    let console = house.door.open(&here).await.unwrap().unwrap();
    let sessions = console.sessions().await.unwrap();
    assert_eq!(sessions.iter().filter(|session| session.is_this).count(), 1);
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().all(|session| session.remote_addr == peer()), "by link, too");
    let change = async |current: &str, new: &str| {
        console.change_password(current.to_owned(), new.to_owned()).await
    };
    assert_eq!(code(change("", "short").await), (422, "weak_password".to_owned()));
    change("", "correct horse").await.unwrap();
    assert!(house.door.open(&there).await.unwrap().is_none(), "the other session is over");
    assert!(house.door.open(&here).await.unwrap().is_some(), "this one is not");
    assert_eq!(code(change("wrong", "correct donkey").await), (401, "wrong_password".to_owned()));
    let cookie = house.sign_in("eve@example.com", "correct horse").await.unwrap();
    let sessions = console.sessions().await.unwrap();
    let other = sessions.iter().find(|session| !session.is_this).unwrap();
    console.end_session(&other.id).await.unwrap();
    assert!(house.door.open(&cookie).await.unwrap().is_none());
    assert_eq!(code(console.end_session(&other.id).await), (404, "unknown_session".to_owned()));
    let admin = house.console().await;
    let refused = admin.change_password(KEY.to_owned(), "another password".to_owned()).await;
    assert_eq!(code(refused), (409, "admin_password".to_owned()));
}

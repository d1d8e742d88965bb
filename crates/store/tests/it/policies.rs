//! The catalogue of rights, and whether keys are demanded.

use crate::migrated;
use store::RightChanged;

#[tokio::test]
async fn a_right_is_made_renamed_and_taken_from_its_keys() {
    let (_database, store) = migrated().await;
    let made = store.create_right("reports.publish", Some("x")).await.unwrap().unwrap();
    assert_eq!(store.create_right("Reports.Publish", None).await.unwrap(), None, "in any case");
    let id = made.id.parse().unwrap();
    let changed = store.change_right(id, "reports.send", None).await.unwrap();
    let RightChanged::Done(changed) = changed else { panic!("{changed:?}") };
    let after = changed.after;
    assert_eq!((after.name.as_str(), after.description.as_deref()), ("reports.send", Some("x")));
    let emptied = store.change_right(id, "reports.send", Some(None)).await.unwrap();
    let RightChanged::Done(emptied) = emptied else { panic!("{emptied:?}") };
    let after = emptied.after;
    assert_eq!(after.description, None);
    assert_eq!(
        store.change_right(id, "GATEWAY.read", None).await.unwrap(),
        RightChanged::NameTaken
    );
    let nobody = uuid::Uuid::nil();
    assert_eq!(store.change_right(nobody, "x.read", None).await.unwrap(), RightChanged::Unknown);
    assert_eq!(store.delete_right(id).await.unwrap(), Some((after, 0)));
    assert_eq!(store.delete_right(id).await.unwrap(), None);
}

#[tokio::test]
async fn a_policy_is_one_for_each_client_in_whatever_case() {
    let (database, store) = migrated().await;
    database.run("insert into api_key_client_config (client_name, enforce_api_keys) values ('Shop', true)").await;
    let set = store.set_client_policy("SHOP", false).await.unwrap();
    assert_eq!((set.client_name.as_str(), set.enforce_api_keys), ("shop", false));
    let (global, clients) = store.policies().await.unwrap();
    assert!(global.enforce_api_keys);
    assert_eq!(clients, [set]);
    assert!(!store.set_policy(false).await.unwrap().enforce_api_keys);
    database.run("delete from api_key_config").await;
    assert!(store.policies().await.unwrap().0.enforce_api_keys, "what is not there opens nothing");
    assert!(store.clear_client_policy("sHop").await.unwrap());
    assert!(!store.clear_client_policy("shop").await.unwrap());
}

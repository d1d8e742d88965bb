//! People, organisations and sessions as administrators change them.

use crate::access::House;
use auth::{SessionToken, SessionTokenHash};
use http::Method;
use secrets::Sealed;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use store::{NewSession, SealedRow, TotpConfirmed};

const USERS: &str = "/admin/users";
const ORGANIZATIONS: &str = "/admin/organizations";

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl House {
    async fn person(&self, email: &str) -> String {
        let made = self.admin(Method::POST, USERS, &json!({ "email": email })).await;
        assert_eq!(made.status, 201, "{made:?}");
        text(&made.body["data"]["user"]["id"])
    }

    async fn organization(&self, name: &str) -> String {
        let wanted = json!({ "name": name, "company_id": "company 7" });
        let made = self.admin(Method::POST, ORGANIZATIONS, &wanted).await;
        assert_eq!(made.status, 201, "{made:?}");
        text(&made.body["data"]["organization"]["id"])
    }

    async fn sign_in(&self, person: &str) -> SessionTokenHash {
        let hash = SessionToken::generate().hash();
        let session = NewSession {
            user_id: person,
            token_hash: hash.as_str(),
            expires_at: SystemTime::now() + Duration::from_secs(600),
            remote_addr: Some("192.0.2.1"),
        };
        self.store.create_session(&session).await.unwrap();
        hash
    }
}

#[tokio::test]
async fn a_person_is_added_changed_and_signed_out_when_they_may_not_come_in() {
    let house = House::build().await;
    let wanted = json!({ "email": " Ann@Example.com ", "display_name": "Ann", "role": "member" });
    let made = house.admin(Method::POST, USERS, &wanted).await;
    let user = &made.body["data"]["user"];
    assert_eq!((made.status, &user["email"]), (201, &json!("ann@example.com")), "{made:?}");
    assert_eq!((&user["role"], &user["has_password"]), (&json!("member"), &json!(false)));
    let id = text(&user["id"]);
    assert_eq!(house.admin(Method::POST, USERS, &wanted).await.refusal().1, "person_exists");
    let path = format!("{USERS}/{id}");
    let session = house.sign_in(&id).await;
    assert!(house.store.find_session(session.as_str()).await.unwrap().is_some());
    let change = json!({ "display_name": null, "is_active": false });
    let changed = house.admin(Method::PATCH, &path, &change).await;
    assert_eq!(changed.body["data"]["user"]["display_name"], Value::Null, "{changed:?}");
    assert!(house.store.find_session(session.as_str()).await.unwrap().is_none());
    let invited = house.admin(Method::POST, &format!("{path}/invite"), &json!({})).await;
    assert_eq!(invited.refusal().1, "person_inactive");
    let listed = house.admin(Method::GET, &format!("{USERS}?limit=1"), &Value::Null).await;
    assert_eq!(listed.body["data"]["users"].as_array().unwrap().len(), 1);
    for (body, code) in [
        (json!({ "email": "nobody" }), "invalid_field"),
        (json!({}), "invalid_field"),
        (json!({ "email": "a@b", "role": "owner" }), "invalid_field"),
        (json!({ "email": "a@b", "password": "x" }), "unknown_field"),
    ] {
        let refused = house.admin(Method::POST, USERS, &body).await;
        assert_eq!((refused.status, refused.refusal().1), (400, code), "{body}");
    }
    let nobody = format!("{USERS}/00000000-0000-0000-0000-000000000000");
    assert_eq!(house.admin(Method::PATCH, &nobody, &json!({})).await.refusal().1, "unknown_person");
}

#[tokio::test]
async fn an_invitation_is_a_link_that_signs_in_once_and_its_token_is_kept_nowhere() {
    let house = House::build().await;
    let id = house.person("ann@example.com").await;
    let path = format!("{USERS}/{id}/invite");
    let made = house.admin(Method::POST, &path, &json!({ "expires_in_seconds": 60 })).await;
    assert_eq!(made.body["data"]["expires_in_seconds"], 60, "{made:?}");
    let link = text(&made.body["data"]["link"]);
    let token = link.strip_prefix("/console/sign-in?link=").unwrap();
    let hash = SessionToken::parse(token).unwrap().hash();
    assert_eq!(house.store.redeem_link(hash.as_str()).await.unwrap(), Some(id));
    assert_eq!(house.store.redeem_link(hash.as_str()).await.unwrap(), None);
    let check = format!(
        "do $$ begin
             assert not exists (select from console_links l where strpos(l::text, '{token}') > 0);
             assert not exists (select from admin_audit a where strpos(a::text, '{token}') > 0);
         end $$"
    );
    house.database.run(&check).await;
    for seconds in [json!(0), json!(2_592_001), json!("long")] {
        let refused =
            house.admin(Method::POST, &path, &json!({ "expires_in_seconds": seconds })).await;
        assert_eq!((refused.status, refused.refusal().1), (400, "invalid_field"));
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_at_once() {
    let house = House::build().await;
    let (ann, bob) = (house.person("ann@example.com").await, house.person("bob@example.com").await);
    let tokens = [house.sign_in(&ann).await, house.sign_in(&ann).await, house.sign_in(&ann).await];
    let others = house.sign_in(&bob).await;
    let path = format!("{USERS}/{ann}/sessions");
    let listed = house.admin(Method::GET, &path, &Value::Null).await;
    let open = listed.body["data"]["sessions"].as_array().unwrap();
    assert_eq!((open.len(), &open[0]["remote_addr"]), (3, &json!("192.0.2.1")));
    for hash in &tokens {
        assert!(!listed.text.contains(hash.as_str()));
    }
    let one = format!("{path}/{}", text(&open[0]["id"]));
    assert_eq!(house.admin(Method::DELETE, &one, &Value::Null).await.status, 200);
    assert_eq!(
        house.admin(Method::DELETE, &one, &Value::Null).await.refusal().1,
        "unknown_session"
    );
    let theirs = format!("{USERS}/{bob}/sessions/{}", text(&open[1]["id"]));
    let refused = house.admin(Method::DELETE, &theirs, &Value::Null).await;
    assert_eq!(refused.refusal().1, "unknown_session", "somebody else's");
    let ended = house.admin(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(ended.body["data"]["ended"], 2);
    for hash in &tokens {
        assert!(house.store.find_session(hash.as_str()).await.unwrap().is_none());
    }
    assert!(house.store.find_session(others.as_str()).await.unwrap().is_some());
}

#[tokio::test]
async fn a_member_works_for_their_organization_with_its_scopes() {
    let house = House::build().await;
    let (ann, house_of_ann) =
        (house.person("ann@example.com").await, house.organization("Ann & Co").await);
    let session = house.sign_in(&ann).await;
    let found = async || house.store.find_session(session.as_str()).await.unwrap().unwrap();
    assert_eq!((found().await.organization_id, found().await.scopes), (None, Vec::new()));
    let member = format!("{ORGANIZATIONS}/{house_of_ann}/members/{ann}");
    let scopes = json!({ "scopes": ["create:invoices", "read:*", "read:*"] });
    let set = house.admin(Method::PUT, &member, &scopes).await;
    assert_eq!(set.body["data"]["scopes"], json!(["create:invoices", "read:*"]), "{set:?}");
    let row = found().await;
    assert_eq!(
        (row.organization_id, row.company_id.as_deref()),
        (Some(house_of_ann.clone()), Some("company 7"))
    );
    assert_eq!(row.scopes, ["create:invoices", "read:*"]);
    let members = format!("{ORGANIZATIONS}/{house_of_ann}/members");
    let listed = house.admin(Method::GET, &members, &Value::Null).await;
    assert_eq!(listed.body["data"]["members"][0]["email"], "ann@example.com");
    for (body, code) in [
        (json!({ "scopes": ["make:invoices", "read:a b"] }), "unknown_scope"),
        (json!({ "scopes": "read:*" }), "invalid_field"),
        (json!({}), "invalid_field"),
        (json!({ "scopes": [], "role": "x" }), "unknown_field"),
    ] {
        assert_eq!(house.admin(Method::PUT, &member, &body).await.refusal().1, code, "{body}");
    }
    assert_eq!(house.admin(Method::DELETE, &member, &Value::Null).await.status, 200);
    assert_eq!(
        house.admin(Method::DELETE, &member, &Value::Null).await.refusal().1,
        "unknown_member"
    );
    assert!(found().await.scopes.is_empty());
}

#[tokio::test]
async fn an_organization_has_a_name_of_its_own_and_leaves_its_people_behind() {
    let house = House::build().await;
    let id = house.organization("Books").await;
    let again = house.admin(Method::POST, ORGANIZATIONS, &json!({ "name": "BOOKS" })).await;
    assert_eq!(again.refusal().1, "organization_exists");
    let path = format!("{ORGANIZATIONS}/{id}");
    let changed = house.admin(Method::PATCH, &path, &json!({ "company_id": null })).await;
    let shown = &changed.body["data"]["organization"];
    assert_eq!((&shown["name"], &shown["company_id"]), (&json!("Books"), &Value::Null));
    house.organization("Ships").await;
    let taken = house.admin(Method::PATCH, &path, &json!({ "name": "ships" })).await;
    assert_eq!(taken.refusal().1, "organization_exists");
    let ann = house.person("ann@example.com").await;
    let member = format!("{path}/members/{ann}");
    house.admin(Method::PUT, &member, &json!({ "scopes": [] })).await;
    let listed = house.admin(Method::GET, ORGANIZATIONS, &Value::Null).await;
    assert_eq!(listed.body["data"]["organizations"][0]["members"], 1);
    assert_eq!(house.admin(Method::DELETE, &path, &Value::Null).await.status, 200);
    assert_eq!(
        house.admin(Method::DELETE, &path, &Value::Null).await.refusal().1,
        "unknown_organization"
    );
    let people = house.admin(Method::GET, USERS, &Value::Null).await;
    assert!(people.text.contains("ann@example.com"));
    let gone = house.admin(Method::PUT, &member, &json!({ "scopes": [] })).await;
    assert_eq!(gone.refusal().1, "unknown_organization");
}

#[tokio::test]
async fn an_administrator_takes_away_the_second_step_of_somebody_who_lost_it() {
    let house = House::build().await;
    let ann = house.person("ann@example.com").await;
    let path = format!("{USERS}/{ann}/totp");
    let refused = house.admin(Method::DELETE, &path, &Value::Null).await;
    assert_eq!((refused.status, refused.refusal().1), (404, "no_second_step"));
    let secret = SealedRow {
        id: format!("sec_{}", "a".repeat(32)),
        namespace: "console_totp".to_owned(),
        key: ann.clone(),
        sealed: Sealed {
            alg: "aes-256-gcm".to_owned(),
            kms_key_id: "local:v1".to_owned(),
            version: 1,
            ciphertext: "sealed".to_owned(),
        },
    };
    let person = ann.parse().unwrap();
    assert!(house.store.begin_totp(person, &secret).await.unwrap());
    let refused = house.admin(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(refused.refusal().1, "no_second_step", "what no code confirmed asks nobody");
    let confirmed = TotpConfirmed {
        secret_id: &secret.id,
        sealed: &secret.sealed,
        step: 1,
        recovery_hashes: &["hash".to_owned()],
        session: "",
    };
    assert!(house.store.confirm_totp(person, &confirmed).await.unwrap());
    let has_totp = async || {
        let listed = house.admin(Method::GET, USERS, &Value::Null).await;
        listed.body["data"]["users"][0]["has_totp"].clone()
    };
    assert_eq!(has_totp().await, json!(true));
    let removed = house.admin(Method::DELETE, &path, &Value::Null).await;
    assert_eq!((removed.status, &removed.body["data"]["id"]), (200, &json!(ann)), "{removed:?}");
    assert_eq!(has_totp().await, json!(false));
    assert!(house.store.secrets().await.unwrap().is_empty());
    let told = house.admin(Method::GET, "/admin/audit?action=totp.removed", &Value::Null).await;
    let deeds = told.body["data"]["rows"].as_array().unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!((deeds.len(), &deeds[0]["subject"]), (1, &json!(ann)));
    for (nobody, status) in [("nonsense", 400), ("00000000-0000-4000-8000-000000000000", 404)] {
        let path = format!("{USERS}/{nobody}/totp");
        let refused = house.admin(Method::DELETE, &path, &Value::Null).await;
        assert_eq!(refused.status, status, "{refused:?}");
    }
}

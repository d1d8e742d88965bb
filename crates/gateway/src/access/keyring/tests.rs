mod fleet;

use super::*;
use crate::{
    Access, Gateway, GatewayError, GatewaySettings, Trace,
    admin::{
        audit::Actor,
        keys::{KeyEdit, KeyMade, KeyPage, KeyWanted},
    },
};
use auth::Credential;
use futures_util::poll;
use http::{HeaderMap, HeaderValue};
use test_support::TestDatabase;

/// A gateway in front of a ring, and the store as another process would use it.
struct House {
    database: TestDatabase,
    ring: Keyring,
    gateway: Gateway,
    elsewhere: Keys,
}

impl House {
    async fn build() -> Self {
        let database = TestDatabase::create().await;
        Store::open(database.uri()).unwrap().migrate().await.unwrap();
        Self::over(database).await
    }

    async fn over(database: TestDatabase) -> Self {
        let ring = Keyring::start(Store::open(database.uri()).unwrap()).await;
        let gateway = Gateway::new(GatewaySettings::default(), Access::with_keyring(&ring));
        let elsewhere = Keys::new(Store::open(database.uri()).unwrap());
        Self { database, ring, gateway, elsewhere }
    }

    async fn make(&self) -> KeyMade {
        let rights = vec!["gateway.read".to_owned()];
        let wanted = KeyWanted { name: "test".to_owned(), rights, ..KeyWanted::default() };
        self.elsewhere.create(&Actor::System, wanted).await.unwrap()
    }

    async fn admit(&self, key: Option<&str>) -> Result<Credential, GatewayError> {
        let visitor =
            self.gateway.admit(Trace::for_request(None), &shown(key), Some("shop")).await?;
        Ok(visitor.caller().credential().clone())
    }

    async fn status(&self, key: Option<&str>) -> u16 {
        self.admit(key).await.map_or_else(|error| error.problem().status, |_credential| 200)
    }

    /// Wait for the ring to hear of something.
    async fn until(&self, key: Option<&str>, status: u16) {
        let started = Instant::now();
        while self.status(key).await != status {
            assert!(started.elapsed() < Duration::from_secs(1), "{status} does not come");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn shown(key: Option<&str>) -> PresentedKey {
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        headers.insert("x-athena-key", HeaderValue::from_str(key).unwrap());
    }
    PresentedKey::from_headers(&headers, None)
}

#[tokio::test]
async fn a_key_that_another_process_made_opens_at_once() {
    let house = House::build().await;
    for _ in 0..3 {
        let made = house.make().await;
        assert_eq!(house.status(Some(&made.api_key)).await, 200);
    }
    assert_eq!(house.status(None).await, 401);
}

#[tokio::test]
async fn a_key_that_another_process_closed_is_refused_within_a_second() {
    let house = House::build().await;
    let made = house.make().await;
    house.until(Some(&made.api_key), 200).await;
    house.elsewhere.archive(&Actor::System, &made.record.id).await.unwrap();
    house.until(Some(&made.api_key), 401).await;
}

#[tokio::test]
async fn our_own_changes_hold_before_they_are_answered() {
    let house = House::build().await;
    let keys = house.ring.keys();
    let wanted = KeyWanted { name: "test".to_owned(), ..KeyWanted::default() };
    let made = keys.create(&Actor::System, wanted).await.unwrap();
    let ring = &house.ring;
    let shop = ClientName::parse("shop").unwrap();
    assert!(ring.caller(&shown(Some(&made.api_key)), &shop).is_ok());
    keys.archive(&Actor::System, &made.record.id).await.unwrap();
    assert!(ring.caller(&shown(Some(&made.api_key)), &shop).is_err());
}

#[tokio::test]
async fn a_store_that_cannot_be_read_lets_nobody_in_until_it_can() {
    let house = House::over(TestDatabase::create().await).await;
    let key = "ath_0123456789abcdef.secret";
    assert_eq!(house.status(Some(key)).await, 503);
    Store::open(house.database.uri()).unwrap().migrate().await.unwrap();
    assert_eq!(house.status(Some(key)).await, 401);
}

#[tokio::test]
async fn a_crowd_with_unknown_keys_causes_few_readings() {
    let house = House::build().await;
    let started = Instant::now();
    let crowd = (0..200).map(|index| {
        let gateway = house.gateway.clone();
        tokio::spawn(async move {
            let key = shown(Some(&format!("ath_{index:016x}.secret")));
            gateway.admit(Trace::for_request(None), &key, Some("shop")).await.is_err()
        })
    });
    for refused in crowd.collect::<Vec<_>>() {
        assert!(refused.await.unwrap());
    }
    // One by one, with the pause in between, they would take forty seconds.
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_last_use_of_a_key_is_written_down_at_the_end() {
    let house = House::build().await;
    let made = house.make().await;
    assert_eq!(house.status(Some(&made.api_key)).await, 200);
    house.ring.close().await;
    let page = KeyPage { limit: 10, offset: 0, archived: false };
    let (kept, _) = house.elsewhere.list(page).await.unwrap();
    assert!(kept[0].last_used_at.is_some());
}

#[tokio::test]
async fn no_key_is_demanded_where_the_policy_says_so() {
    let house = House::build().await;
    assert_eq!(house.status(None).await, 401);
    let open =
        "insert into api_key_client_config (client_name, enforce_api_keys) values ('Shop', false)";
    house.database.run(open).await;
    house.until(None, 200).await;
    assert_eq!(house.admit(None).await.unwrap(), Credential::Anonymous);
    house.database.run("update api_key_client_config set enforce_api_keys = true").await;
    house.until(None, 401).await;
    house
        .database
        .run(
            "delete from api_key_client_config; update api_key_config set enforce_api_keys = false",
        )
        .await;
    house.until(None, 200).await;
}

#[tokio::test]
async fn a_row_that_cannot_be_understood_opens_nothing_and_harms_no_other() {
    let house = House::build().await;
    let broken = house.make().await;
    let whole = house.make().await;
    let public_id = &broken.record.public_id;
    house
        .database
        .run(&format!("update api_keys set key_hash = 'nonsense' where public_id = '{public_id}'"))
        .await;
    house.until(Some(&broken.api_key), 401).await;
    assert_eq!(house.status(Some(&whole.api_key)).await, 200);
}

#[tokio::test]
async fn who_goes_away_while_they_read_leaves_nobodys_key_unread() {
    let house = House::build().await;
    // It hears of nothing by itself any more.
    house.ring.close().await;
    for micros in (0..1_500).step_by(100) {
        let made = house.make().await;
        tokio::time::sleep(Keyring::PAUSE).await;
        let unknown = format!("ath_{micros:016x}.secret");
        let mut first = Box::pin(house.status(Some(&unknown)));
        let mut second = Box::pin(house.status(Some(&made.api_key)));
        // Both have asked before either of them reads.
        let reading = house.ring.inner.reading.lock().await;
        assert!(poll!(first.as_mut()).is_pending() && poll!(second.as_mut()).is_pending());
        drop(reading);
        let began = Instant::now();
        while began.elapsed() < Duration::from_micros(micros) && poll!(first.as_mut()).is_pending()
        {
            tokio::task::yield_now().await;
        }
        drop(first);
        assert_eq!(second.await, 200, "the first went away after {micros} µs");
    }
}

#[tokio::test]
async fn a_key_that_could_not_be_looked_for_is_looked_for_again() {
    let house = House::build().await;
    // It hears of nothing by itself any more.
    house.ring.close().await;
    let made = house.make().await;
    house.database.run("alter table api_keys rename to away").await;
    assert_eq!(house.status(Some(&made.api_key)).await, 401);
    house.database.run("alter table away rename to api_keys").await;
    assert_eq!(house.status(Some(&made.api_key)).await, 200);
}

//! Two nodes before one store; rotation, peppers, and guesses.

use super::*;

fn peppers() -> Peppers {
    Peppers::parse(&auth::Pepper::new_text()).ok().unwrap()
}

/// Two nodes before one store, and nothing else between them.
struct Fleet {
    database: TestDatabase,
    one: Gateway,
    two: Gateway,
    keys: Keys,
    rings: [Keyring; 2],
}

impl Fleet {
    async fn build() -> Self {
        let (database, peppers) = (TestDatabase::create().await, peppers());
        let store = || Store::open(database.uri()).unwrap();
        store().migrate().await.unwrap();
        let (first, second) = tokio::join!(
            Keyring::peppered(store(), peppers.clone()),
            Keyring::peppered(store(), peppers)
        );
        let gateway = |ring: &Keyring| {
            let access = Access::with_keyring(ring).administered("the configured key");
            Gateway::new(GatewaySettings::default(), access)
        };
        let (one, two, keys) = (gateway(&first), gateway(&second), first.keys());
        Self { database, one, two, keys, rings: [first, second] }
    }

    async fn make(&self) -> KeyMade {
        let rights = vec!["gateway.read".to_owned()];
        let wanted = KeyWanted { name: "test".to_owned(), rights, ..KeyWanted::default() };
        self.keys.create(&Actor::System, wanted).await.unwrap()
    }
}

async fn status(gateway: &Gateway, key: &str) -> u16 {
    let admitted = gateway.admit(Trace::for_request(None), &shown(Some(key)), Some("shop")).await;
    admitted.map_or_else(|error| error.problem().status, |_visitor| 200)
}

async fn within_a_second(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(1), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_one_node_does_with_a_key_holds_on_the_other_within_a_second() {
    let fleet = Fleet::build().await;
    let made = fleet.make().await;
    within_a_second("a new key opens", async || status(&fleet.two, &made.api_key).await == 200)
        .await;
    let rotated = fleet.keys.rotate(&Actor::System, &made.record.id, 60).await.unwrap();
    for key in [&rotated.api_key, &made.api_key] {
        within_a_second("both secrets open", async || status(&fleet.two, key).await == 200).await;
    }
    let again = fleet.keys.rotate(&Actor::System, &made.record.id, 0).await.unwrap();
    within_a_second("old secrets are over", async || {
        status(&fleet.two, &rotated.api_key).await == 401
    })
    .await;
    assert_eq!(status(&fleet.two, &made.api_key).await, 401);
    assert_eq!(status(&fleet.two, &again.api_key).await, 200);
    let edit = KeyEdit { is_active: Some(false), ..KeyEdit::default() };
    fleet.keys.change(&Actor::System, &made.record.id, edit).await.unwrap();
    within_a_second("a key is switched off", async || {
        status(&fleet.two, &again.api_key).await == 401
    })
    .await;
    let edit = KeyEdit { is_active: Some(true), ..KeyEdit::default() };
    fleet.keys.change(&Actor::System, &made.record.id, edit).await.unwrap();
    within_a_second("and on", async || status(&fleet.two, &again.api_key).await == 200).await;
    fleet.keys.archive(&Actor::System, &made.record.id).await.unwrap();
    within_a_second("an archived key is over", async || {
        status(&fleet.two, &again.api_key).await == 401
    })
    .await;
}

#[tokio::test]
async fn an_admin_key_made_on_one_node_takes_over_on_the_other_and_no_restart_undoes_it() {
    let fleet = Fleet::build().await;
    let old = shown(Some("the configured key"));
    let proof = fleet.one.administrator(&old).unwrap();
    let made = fleet.one.rotate_admin_key(&proof, 60).await.unwrap();
    let new = shown(Some(&made.admin_key));
    assert!(fleet.one.administrator(&new).is_ok(), "at once where it was made");
    within_a_second("heard of", async || fleet.two.administrator(&new).is_ok()).await;
    assert!(fleet.two.administrator(&old).is_ok(), "during the overlap both open");
    let last = fleet.two.rotate_admin_key(&proof, 0).await.unwrap();
    let newest = shown(Some(&last.admin_key));
    within_a_second("the others are over", async || {
        fleet.one.administrator(&old).is_err() && fleet.one.administrator(&new).is_err()
    })
    .await;
    assert!(fleet.one.administrator(&newest).is_ok());
    // Started again with the same settings.
    let peppers = fleet.rings[0].peppers().unwrap().clone();
    let ring = Keyring::peppered(Store::open(fleet.database.uri()).unwrap(), peppers).await;
    let access = Access::with_keyring(&ring).administered("the configured key");
    let restarted = Gateway::new(GatewaySettings::default(), access);
    assert!(restarted.administrator(&old).is_err() && restarted.administrator(&newest).is_ok());
    assert!(
        restarted.is_admin_key(&last.admin_key) && !restarted.is_admin_key("the configured key")
    );
}

#[tokio::test]
async fn a_key_from_before_the_pepper_opens_and_is_hashed_anew_when_it_is_used() {
    let fleet = Fleet::build().await;
    let rights = vec!["gateway.read".to_owned()];
    let wanted = KeyWanted { name: "old".to_owned(), rights, ..KeyWanted::default() };
    let salted = Keys::new(Store::open(fleet.database.uri()).unwrap());
    let made = salted.create(&Actor::System, wanted).await.unwrap();
    let version = async || {
        let keys = fleet.rings[1].store().load_keys().await.unwrap();
        (keys[0].hash.version, keys[0].hash.salt.is_empty())
    };
    assert_eq!(version().await, (0, false));
    assert_eq!(status(&fleet.one, &made.api_key).await, 200);
    fleet.rings[0].close().await;
    assert_eq!(version().await, (1, true));
    fleet.rings[1].reload().await.unwrap();
    assert_eq!(status(&fleet.two, &made.api_key).await, 200);
    let wrong = format!("{}x", made.api_key);
    assert_eq!(status(&fleet.two, &wrong).await, 401);
}

#[tokio::test]
async fn a_key_of_another_pepper_opens_nothing_and_an_older_pepper_still_does() {
    let fleet = Fleet::build().await;
    let made = fleet.make().await;
    let store = || Store::open(fleet.database.uri()).unwrap();
    let gateway =
        |ring: &Keyring| Gateway::new(GatewaySettings::default(), Access::with_keyring(ring));
    let stranger = Keyring::peppered(store(), peppers()).await;
    assert_eq!(status(&gateway(&stranger), &made.api_key).await, 401);
    let (old, new) = (auth::Pepper::new_text(), auth::Pepper::new_text());
    let before = Keyring::peppered(store(), Peppers::parse(&old).ok().unwrap()).await;
    let wanted = KeyWanted { name: "test".to_owned(), ..KeyWanted::default() };
    let made = before.keys().create(&Actor::System, wanted).await.unwrap();
    let both = Peppers::parse(&format!("{new},{old}")).ok().unwrap();
    let after = Keyring::peppered(store(), both).await;
    assert_eq!(status(&gateway(&after), &made.api_key).await, 200);
    after.close().await;
    let only_new = Keyring::peppered(store(), Peppers::parse(&new).ok().unwrap()).await;
    assert_eq!(status(&gateway(&only_new), &made.api_key).await, 200, "it was hashed anew");
}

#[tokio::test]
async fn the_same_wrong_key_shown_again_causes_no_reading() {
    let house = House::build().await;
    let made = house.make().await;
    house.until(Some(&made.api_key), 200).await;
    let wrong_secret = format!("{}x", made.api_key);
    for wrong in ["ath_0123456789abcdef.secret", &wrong_secret] {
        assert_eq!(house.status(Some(wrong)).await, 401);
        let started = Instant::now();
        for _ in 0..100 {
            assert_eq!(house.status(Some(wrong)).await, 401);
        }
        // One reading each would take twenty seconds.
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn guesses_at_the_admin_key_are_slowed_by_where_they_come_from() {
    let access = Access::open().administered("the key");
    let gateway = Gateway::new(GatewaySettings::default(), access);
    let from = |key: &str, peer: [u8; 4]| shown(Some(key)).sent_by(Some(peer.into()));
    let status = |key: PresentedKey| {
        gateway.administrator(&key).map_or_else(|error| error.problem().status, |_| 200)
    };
    let (mallory, admin) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let guesses: Vec<u16> = (0..30).map(|n| status(from(&format!("guess {n}"), mallory))).collect();
    assert_eq!(&guesses[..10], [401; 10]);
    assert!(guesses[12..].iter().all(|status| *status == 429), "{guesses:?}");
    // While they wait, even the right one is not looked at.
    assert_eq!(status(from("the key", mallory)), 429);
    assert_eq!(status(from("the key", admin)), 200);
    let api_key = from("ath_0123456789abcdef.secret", admin);
    assert_eq!(status(api_key), 401);
    for _ in 0..50 {
        assert_eq!(status(from("ath_0123456789abcdef.secret", admin)), 401, "no guess");
    }
    assert_eq!(status(from("the key", admin)), 200);
    for _ in 0..50 {
        assert_eq!(status(shown(None).sent_by(Some(mallory.into()))), 401, "nor is nothing");
    }
}

#[tokio::test]
async fn where_reading_is_to_go_on_a_store_that_was_never_read_stops_writes_only() {
    // Nobody made its tables, so its keys cannot be read.
    let database = TestDatabase::create().await;
    let ring = Keyring::start(Store::open(database.uri()).unwrap()).await;
    let gateway = |fails_open: bool| {
        let access = Access::with_keyring(&ring).failing_open(fails_open);
        Gateway::new(GatewaySettings::default(), access)
    };
    assert_eq!(status(&gateway(false), "ath_0123456789abcdef.secret").await, 503);
    let trace = Trace::for_request(None);
    let visitor = gateway(true).admit(trace, &shown(None), Some("shop")).await.unwrap();
    let client = ClientName::parse("shop").unwrap();
    let name = |name| catalog::Ident::parse(name).unwrap();
    let table = catalog::QualifiedName::new(name("public"), name("ships"));
    let may =
        |action| auth::Permit::for_relation(visitor.caller(), &client, &table, action).is_ok();
    assert!(may(auth::Action::Read));
    assert!(!may(auth::Action::Write) && !may(auth::Action::Delete));
    assert!(auth::Permit::for_right(visitor.caller(), &client, "gateway.query").is_err());
    // Once keys can be looked up, they are.
    Store::open(database.uri()).unwrap().migrate().await.unwrap();
    ring.reload().await.unwrap();
    assert_eq!(status(&gateway(true), "ath_0123456789abcdef.secret").await, 401);
}

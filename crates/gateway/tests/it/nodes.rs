//! Two gateways, one PostgreSQL and one Redis.

use api_types::ClientName;
use auth::PresentedKey;
use backend_postgres::{Postgres, PostgresSettings};
use gateway::{
    Access, CacheSettings, ClientInfo, Directive, Gateway, GatewaySettings, Profile, RawRequest,
    Trace,
};
use http::HeaderMap;
use query::{ApiResponse, Operation};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use test_support::{TestDatabase, TestRedis};

const SHIPS: &str =
    "create table ships (id int primary key, name text); insert into ships values (1, 'Argo')";

/// Longer than a Redis on a busy machine takes, and shorter than anything else waits for one.
const BUDGET: Duration = Duration::from_millis(250);

/// What a read may take besides: far less than the second that the connection itself would wait.
const SLACK: Duration = Duration::from_millis(500);

struct Node(Gateway);

impl Node {
    async fn start(database: &TestDatabase, redis: &TestRedis) -> Self {
        let cache = CacheSettings {
            redis_url: Some(redis.url()),
            redis_budget: BUDGET,
            redis_cooldown: Duration::from_millis(50),
            ..CacheSettings::default()
        };
        let settings = GatewaySettings::default();
        let gateway = Gateway::caching(settings, Access::open(), &cache).unwrap();
        let postgres = PostgresSettings::parse(database.uri()).unwrap();
        let backend = Arc::new(Postgres::connect(&postgres));
        let name = ClientName::parse("shop").unwrap();
        let info =
            ClientInfo { fingerprint: Some("the fleet".to_owned()), ..ClientInfo::default() };
        let upstream = gateway.registry().add(name, backend, info);
        upstream.schema().await.unwrap();
        let node = Self(gateway);
        node.until_redis_is("up").await;
        node
    }

    async fn until_redis_is(&self, state: &str) {
        let start = Instant::now();
        while self.0.health().cache.unwrap().redis != state {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain for Redis {state}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn ask(&self, operation: Operation, body: String) -> Reply {
        let trace = Trace::for_request(None);
        let key = PresentedKey::from_headers(&HeaderMap::new(), None);
        let visitor = self.0.admit(trace, &key, Some("shop")).await.unwrap();
        let raw = RawRequest {
            operation,
            body: body.into(),
            strip_nulls: false,
            directive: Directive::Use,
            profile: Profile::Envelope,
            response_case: None,
            insert_window: None,
        };
        Reply(self.0.serve(visitor, raw).await.unwrap())
    }

    /// Each limit is a question of its own, whose answer is the one ship.
    async fn ships(&self, limit: u32) -> Reply {
        let body = format!(r#"{{"table_name":"ships","limit":{limit}}}"#);
        self.ask(Operation::Fetch, body).await
    }

    async fn rename(&self, name: &str) {
        let body = format!(
            r#"{{"table_name":"ships","set":{{"name":"{name}"}},"conditions":[{{"eq_column":"id","eq_value":1}}]}}"#
        );
        self.ask(Operation::Update, body).await;
    }
}

struct Reply(ApiResponse);

impl Reply {
    fn header(&self, wanted: &str) -> &str {
        let found = self.0.headers.iter().find(|(name, _)| *name == wanted);
        found.map_or("", |(_, value)| value.as_ref())
    }

    fn outcome(&self) -> &str {
        self.header("x-athena-cache-outcome")
    }

    fn body(&self) -> &str {
        std::str::from_utf8(&self.0.body).unwrap()
    }
}

async fn fleet() -> (TestDatabase, TestRedis, Node, Node) {
    let (database, redis) = (TestDatabase::create().await, TestRedis::start());
    database.run(SHIPS).await;
    let (one, two) = (Node::start(&database, &redis).await, Node::start(&database, &redis).await);
    (database, redis, one, two)
}

/// An answer that `one` made and `two` was given by Redis. Answers reach Redis in the background,
/// so the first question may be asked too early; every attempt is another question.
async fn shared(one: &Node, two: &Node, mut limits: impl Iterator<Item = u32>) -> (Reply, Reply) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(10) {
        let limit = limits.next().unwrap();
        let made = one.ships(limit).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let given = two.ships(limit).await;
        if given.outcome() == "hit_redis" {
            return (made, given);
        }
    }
    panic!("no answer was ever shared");
}

#[tokio::test]
async fn what_one_gateway_has_read_another_one_answers_from_redis() {
    let (database, _redis, one, two) = fleet().await;
    let (made, given) = shared(&one, &two, 1..).await;
    assert_eq!(
        (made.outcome(), made.header("x-athena-cache-source")),
        ("miss_all_tiers", "database")
    );
    assert_eq!(
        (given.header("x-athena-cache-source"), given.header("x-athena-cached")),
        ("redis", "true")
    );
    assert_eq!((made.body(), made.header("etag")), (given.body(), given.header("etag")));
    assert!(given.body().contains("Argo"), "{}", given.body());
    // What is changed behind both of them neither can know: the answer is not the database's.
    one.ships(5_000).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    database.run("update ships set name = 'unseen'").await;
    let kept = two.ships(5_000).await;
    assert_eq!(kept.outcome(), "hit_redis");
    assert!(kept.body().contains("Argo"), "{}", kept.body());
}

#[tokio::test]
async fn a_write_through_one_gateway_is_read_through_the_other_within_a_second() {
    let (_database, _redis, one, two) = fleet().await;
    shared(&one, &two, 1..).await;
    one.ships(5_000).await;
    two.ships(5_000).await;
    assert_eq!(two.ships(5_000).await.outcome(), "hit_local");
    for name in ["Boat", "Canoe", "Dhow"] {
        one.rename(name).await;
        let written = Instant::now();
        assert!(one.ships(5_000).await.body().contains(name), "who writes reads it at once");
        while !two.ships(5_000).await.body().contains(name) {
            assert!(written.elapsed() < Duration::from_secs(1), "{name} is not seen");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[tokio::test]
async fn a_redis_that_hangs_or_dies_costs_no_more_than_its_budget_and_is_used_again() {
    let (_database, mut redis, one, two) = fleet().await;
    shared(&one, &two, 1..1_000).await;
    redis.pause();
    let asked = Instant::now();
    let reply = two.ships(2_000).await;
    assert!(asked.elapsed() < BUDGET + SLACK, "{:?}", asked.elapsed());
    assert_eq!(reply.outcome(), "miss_after_redis_get_timeout");
    let asked = Instant::now();
    // It is left alone now, so nobody waits for it a second time.
    assert_eq!(two.ships(2_001).await.outcome(), "miss_all_tiers");
    assert_eq!(two.ships(2_001).await.outcome(), "hit_local");
    two.rename("Boat").await;
    assert!(asked.elapsed() < BUDGET + SLACK, "{:?}", asked.elapsed());
    assert!(two.ships(2_001).await.body().contains("Boat"), "its own write");

    redis.kill();
    one.until_redis_is("away").await;
    two.until_redis_is("away").await;
    one.rename("Canoe").await;
    assert!(one.ships(2_002).await.body().contains("Canoe"));
    redis.start_again();
    one.until_redis_is("up").await;
    two.until_redis_is("up").await;
    // What was missed meanwhile is not answered, and what is made now is shared again.
    assert!(two.ships(2_001).await.body().contains("Canoe"));
    let (_, given) = shared(&one, &two, 3_000..).await;
    assert!(given.body().contains("Canoe"), "{}", given.body());
}

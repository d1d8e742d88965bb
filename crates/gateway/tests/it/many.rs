//! Ten thousand clients and a hundred thousand keys: the work they make is bounded.

use api_types::ClientName;
use auth::PresentedKey;
use backend::{Backend, fake::FakeBackend};
use datasources::Driver;
use gateway::{
    Access, Desk, Gateway, GatewaySettings, Keyring, RestSettings, Trace, Visitor,
    admin::clients::ClientsSetup,
    registry::{BackendFactory, FactoryError, HostPolicy, Spec},
};
use http::{HeaderMap, HeaderValue};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use store::{ChangeFeed, Store};
use test_support::TestDatabase;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

const FILL: &str = "
    insert into athena_clients (client_name, driver, config, origin)
    select 'client-' || lpad(n::text, 5, '0'), 'postgres',
           jsonb_build_object('url', 'postgresql://nobody@10.255.255.1:' || 1024 + n || '/x'), 'runtime'
    from generate_series(1, 10000) n;
    insert into api_keys (public_id, name, client_name, key_salt, key_hash)
    select lpad(to_hex(n), 16, '0'), 'key', 'client-' || lpad((n % 10000 + 1)::text, 5, '0'), 'salt',
           encode(sha256(convert_to('salt:secret' || n, 'UTF8')), 'hex')
    from generate_series(1, 100000) n;
    insert into api_key_right_grants (api_key_id, right_id)
    select k.id, r.id from api_keys k, api_key_rights r where r.name in ('gateway.read', 'gateway.write');
    analyze api_keys; analyze api_key_right_grants";

/// Statements that sqlx ran on this thread, and rows they answered.
#[derive(Clone, Default)]
struct Statements {
    count: Arc<AtomicUsize>,
    rows: Arc<AtomicU64>,
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        self.count.fetch_add(1, Ordering::Relaxed);
        event.record(&mut Rows(self));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Rows<'a>(&'a Statements);

impl Visit for Rows<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.0.rows.fetch_add(value, Ordering::Relaxed);
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl Statements {
    fn so_far(&self) -> (usize, u64) {
        (self.count.load(Ordering::Relaxed), self.rows.load(Ordering::Relaxed))
    }
}

/// Counts what is opened; nothing can connect but through what it makes.
#[derive(Default)]
struct Counting(AtomicUsize);

impl BackendFactory for Counting {
    fn supports(&self, _: &Driver) -> bool {
        true
    }
    fn create(&self, _: Spec<'_>) -> Result<Arc<dyn Backend>, FactoryError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(FakeBackend::default()))
    }
}

async fn setup(desk: Desk, factory: &Arc<Counting>) -> ClientsSetup {
    ClientsSetup {
        desk,
        factory: Arc::clone(factory) as _,
        policy: Arc::new(HostPolicy::default()),
        vault: None,
        reserved: Vec::new(),
        configured: Vec::new(),
        rest: Arc::new(RestSettings::default()),
        variables: Arc::new(|_| None),
    }
}

async fn admit(gateway: &Gateway, number: u32) -> Result<Visitor, gateway::GatewayError> {
    let mut headers = HeaderMap::new();
    let key = format!("ath_{number:016x}.secret{number}");
    headers.insert("apikey", HeaderValue::try_from(key).unwrap());
    let key = PresentedKey::from_headers(&headers, None);
    let client = format!("client-{:05}", number % 10_000 + 1);
    gateway.admit(Trace::for_request(None), &key, Some(&client)).await
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn ten_thousand_clients_and_a_hundred_thousand_keys_open_few_connections_with_few_statements()
{
    let statements = Statements::default();
    let _counted = tracing::subscriber::set_default(statements.clone());
    let database = TestDatabase::create().await;
    let store = Store::open(database.uri()).unwrap();
    store.migrate().await.unwrap();
    database.run(FILL).await;

    let (before, _) = statements.so_far();
    let ring = Keyring::start(store.clone()).await;
    let desk = Desk::new(store.clone(), ChangeFeed::start(store.clone()));
    let access = Access::with_keyring(&ring).administering(desk.clone());
    let gateway = Gateway::new(GatewaySettings::default(), access);
    let factory = Arc::<Counting>::default();
    gateway.keep_clients(setup(desk, &factory).await).await;
    let (after, _) = statements.so_far();
    assert_eq!(gateway.health().registered, 10_000);
    assert!(gateway.is_ready(), "nobody is waited for who was not asked for");
    // The first few are connected at once, in the order of their names, and no other is.
    let opened = || factory.0.load(Ordering::Relaxed);
    assert_eq!(opened(), 64);
    assert!((1..=60).contains(&(after - before)), "{} statements", after - before);

    // Whoever is asked for first is connected, and no other.
    let visitor = admit(&gateway, 77_777).await.unwrap();
    assert_eq!((visitor.client().as_str(), opened()), ("client-07778", 65));
    let name = ClientName::parse("client-07778").unwrap();
    assert!(gateway.upstream(&name).await.unwrap().schema().await.is_ok());
    // A stranger wakes nobody.
    let nobody = PresentedKey::from_headers(&HeaderMap::new(), None);
    let refused = gateway.admit(Trace::for_request(None), &nobody, Some("client-09999")).await;
    assert_eq!((refused.unwrap_err().problem().status, opened()), (401, 65));

    // A key is closed: that one is read again, and the others are not, but for the look at all of
    // them that comes now and then.
    let mut fewest = u64::MAX;
    for number in [77_777, 77_779, 77_781] {
        assert!(admit(&gateway, number).await.is_ok());
        let (_, before) = statements.so_far();
        let sql =
            format!("update api_keys set is_active = false where public_id = '{number:016x}'");
        database.run(&sql).await;
        until("the key is refused", async || admit(&gateway, number).await.is_err()).await;
        let (_, after) = statements.so_far();
        fewest = fewest.min(after - before);
    }
    assert!(fewest < 1_000, "{fewest} rows were read for one key");
    assert!(admit(&gateway, 77_778).await.is_ok(), "the others open as before");
    // Those of 77,779, 77,781 and 77,778 were asked for.
    assert_eq!(opened(), 68);

    // A sleeping client is frozen: it is known to be, without connecting anything.
    database
        .run("update athena_clients set is_frozen = true where client_name = 'client-05001'")
        .await;
    until("the client is frozen", async || {
        admit(&gateway, 5_000).await.is_ok()
            && matches!(
                gateway.registry().state(&ClientName::parse("client-05001").unwrap()),
                Some(gateway::registry::State::Closed(_))
            )
    })
    .await;
    assert!(opened() <= 69, "{}", opened());
    gateway.close().await;
    ring.close().await;
}

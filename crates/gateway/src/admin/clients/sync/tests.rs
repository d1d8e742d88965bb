//! Whatever nodes have seen in between, and in which order: in the end their clients are the same.

use super::*;
use crate::{
    Desk,
    registry::{BackendFactory, ClientInfo, FactoryError, HostPolicy, Registry, Spec},
};
use backend::{Backend, fake::FakeBackend};
use datasources::Driver;
use proptest::prelude::*;
use std::sync::Mutex;
use store::{ChangeFeed, ClientMark, EventLog, LogSettings, Store};

/// Names as people write them. The first two are in the configuration as well.
const NAMES: [&str; 4] = ["shop", "till", "crm", "books"];
const CONFIGURED: usize = 2;

#[derive(Debug, Clone)]
enum Change {
    /// Make it, or lead it elsewhere, under a name in this spelling.
    Put(Vec<bool>),
    Freeze(bool),
    Activate(bool),
    Remove,
    /// An operator freezes or thaws what the configuration has.
    FreezeConfigured(bool),
}

/// What a node reads, when, and whether it looks at one client alone.
#[derive(Debug, Clone)]
struct Reading {
    moment: prop::sample::Index,
    only: Option<usize>,
    turned: usize,
}

fn changes() -> impl Strategy<Value = Vec<(usize, Change)>> {
    let change = prop_oneof![
        4 => prop::collection::vec(any::<bool>(), 8).prop_map(Change::Put),
        1 => any::<bool>().prop_map(Change::Freeze),
        1 => any::<bool>().prop_map(Change::Activate),
        1 => Just(Change::Remove),
        1 => any::<bool>().prop_map(Change::FreezeConfigured),
    ];
    prop::collection::vec((0..NAMES.len(), change), 1..20)
}

/// Everything a node reads, and after how many of that it reads the newest.
type Life = (Vec<Reading>, prop::sample::Index);

fn life() -> impl Strategy<Value = Life> {
    let reading = (any::<prop::sample::Index>(), prop::option::of(0..NAMES.len()), 0_usize..8);
    let reading = reading.prop_map(|(moment, only, turned)| Reading { moment, only, turned });
    (prop::collection::vec(reading, 0..12), any::<prop::sample::Index>())
}

/// The rows of the store, as every change leaves them.
#[derive(Default)]
struct Rows(BTreeMap<(ClientName, &'static str), ClientRecord>);

impl Rows {
    fn new() -> Self {
        let mut rows = Self::default();
        for name in &NAMES[..CONFIGURED] {
            let name = ClientName::parse(name).unwrap();
            let record = ClientRecord::new(name.clone(), Driver::Memory, Origin::Config);
            rows.0.insert((name, "config"), record);
        }
        rows
    }

    fn apply(&mut self, number: usize, name: usize, change: &Change) {
        let spelled = match change {
            Change::Put(large) => in_capitals(NAMES[name], large),
            _ => NAMES[name].to_owned(),
        };
        let name = ClientName::parse(&spelled).unwrap();
        let origin = match change {
            Change::FreezeConfigured(_) => "config",
            _ => "runtime",
        };
        let key = (name.clone(), origin);
        if let Change::Put(_) = change {
            let new = || ClientRecord {
                version: 0,
                ..ClientRecord::new(name, Driver::Memory, Origin::Runtime)
            };
            let record = self.0.entry(key).or_insert_with(new);
            if record.deleted {
                (record.deleted, record.frozen, record.active) = (false, false, true);
            }
            record.config.insert("label".to_owned(), number.into());
            record.version += 1;
            return;
        }
        // Nothing is done to what is not there.
        let Some(record) = self.0.get_mut(&key).filter(|record| !record.deleted) else { return };
        match change {
            Change::Freeze(frozen) | Change::FreezeConfigured(frozen) => record.frozen = *frozen,
            Change::Activate(active) => record.active = *active,
            Change::Remove => record.deleted = true,
            Change::Put(_) => unreachable!(),
        }
        record.version += 1;
    }

    fn all(&self) -> Vec<ClientRecord> {
        self.0.values().cloned().collect()
    }

    /// What callers of each name must find, told from the rows alone.
    fn expected(&self) -> BTreeMap<String, String> {
        let mut names: Vec<&ClientName> = self.0.keys().map(|(name, _)| name).collect();
        names.dedup();
        let found = names.into_iter().map(|name| {
            let config = self.0.get(&(name.clone(), "config"));
            let record = config.unwrap_or_else(|| &self.0[&(name.clone(), "runtime")]);
            let state = match record {
                record if record.deleted => "removed".to_owned(),
                record if record.frozen => "frozen".to_owned(),
                record if !record.active => "not active".to_owned(),
                _ if config.is_some() => "the configuration's".to_owned(),
                record => record.config["label"].to_string(),
            };
            (name.to_string(), state)
        });
        found.collect()
    }
}

fn in_capitals(name: &str, large: &[bool]) -> String {
    let pairs = name.chars().zip(large.iter().chain(std::iter::repeat(&false)));
    pairs.map(|(c, large)| if *large { c.to_ascii_uppercase() } else { c }).collect()
}

/// The store makes another mark with every change.
fn mark(record: &ClientRecord) -> ClientMark {
    ClientMark {
        name: record.name.clone(),
        configured: record.origin == Origin::Config,
        mark: record.version.into(),
        version: record.version,
        open: record.active && !record.frozen && !record.deleted,
        managed: true,
    }
}

/// Builds backends that are told apart by the label of their record.
#[derive(Default)]
struct Labels(Mutex<Vec<(Arc<dyn Backend>, String)>>);

impl Labels {
    fn make(&self, label: String) -> Arc<dyn Backend> {
        let backend: Arc<dyn Backend> = Arc::new(FakeBackend::default());
        self.0.lock().unwrap().push((Arc::clone(&backend), label));
        backend
    }

    fn of(&self, backend: &Arc<dyn Backend>) -> String {
        let all = self.0.lock().unwrap();
        let found = all.iter().find(|(known, _)| Arc::ptr_eq(known, backend));
        found.map(|(_, label)| label.clone()).unwrap()
    }
}

impl BackendFactory for Labels {
    fn supports(&self, _: &Driver) -> bool {
        true
    }
    fn create(&self, spec: Spec<'_>) -> Result<Arc<dyn Backend>, FactoryError> {
        Ok(self.make(spec.record.config["label"].to_string()))
    }
}

/// One node's clients; its store is never asked.
struct Node {
    book: Book,
    labels: Arc<Labels>,
}

impl Node {
    fn new() -> Self {
        let store = Store::open("postgres://nobody@127.0.0.1:1/nothing").unwrap();
        let labels = Arc::new(Labels::default());
        let configured = NAMES[..CONFIGURED].iter().map(|name| {
            let name = ClientName::parse(name).unwrap();
            let labels = Arc::clone(&labels);
            let make = move |_: &PoolTuning| labels.make("the configuration's".to_owned());
            let info = ClientInfo::default();
            (name.clone(), super::super::Configured::new(name, Driver::Memory, info, make))
        });
        let book = Book {
            registry: Arc::new(Registry::default()),
            statement_timeout: Duration::from_secs(1),
            desk: Desk::new(store.clone(), ChangeFeed::start(store.clone())),
            factory: Arc::clone(&labels) as _,
            policy: Arc::new(HostPolicy::default()),
            vault: None,
            reserved: Vec::new(),
            configured: configured.collect(),
            rest: Arc::default(),
            variables: Arc::new(|_| None),
            held: std::sync::Mutex::default(),
            probes: std::sync::Mutex::default(),
            events: super::super::Events::new(EventLog::start(store, LogSettings::default())),
            refusals: Arc::default(),
            unresolved: Default::default(),
            unopened: metrics::Kept::default(),
            end: watch::Sender::new(false),
            following: tokio::sync::Mutex::default(),
        };
        Self { book, labels }
    }

    /// What the following of records does with rows, which it reads in two steps.
    async fn obey(&self, rows: Vec<ClientRecord>, only: Option<&ClientName>, began: Instant) {
        if let Some(name) = only {
            self.book.settle_read(vec![(name.clone(), None)], rows).await;
            return;
        }
        let mut all = self.book.unmarked();
        rows.iter().for_each(|record| self.book.mark(&mut all, mark(record)));
        self.book.settle_read(self.book.changed(&all), rows).await;
        self.book.forget_missing(&all, began).await;
    }

    /// Read these moments in this order, and the newest at some time: what was read before a change
    /// may be done about after it.
    async fn live(&self, moments: &[Vec<ClientRecord>], (readings, newest): &Life) {
        let began = Instant::now();
        let newest = newest.index(readings.len() + 1);
        for (number, reading) in readings.iter().enumerate() {
            if number == newest {
                self.obey(moments.last().unwrap().clone(), None, began).await;
            }
            let mut rows = reading.moment.get(moments).clone();
            let turn = reading.turned % rows.len().max(1);
            rows.rotate_left(turn);
            let only = reading.only.map(|name| ClientName::parse(NAMES[name]).unwrap());
            self.obey(rows, only.as_ref(), began).await;
        }
        if newest == readings.len() {
            self.obey(moments.last().unwrap().clone(), None, began).await;
        }
    }

    fn registry(&self) -> BTreeMap<String, String> {
        let names = NAMES.iter().map(|name| ClientName::parse(&name.to_uppercase()).unwrap());
        let states = names.filter_map(|name| {
            let state = match self.book.registry.state(&name)? {
                State::Open(upstream) => self.labels.of(upstream.backend()),
                State::Asleep => "asleep".to_owned(),
                State::Closed(why) => match why.kind {
                    ClosedKind::Deleted => "removed".to_owned(),
                    ClosedKind::Inactive => "not active".to_owned(),
                    other => other.to_string(),
                },
            };
            Some((name.to_string(), state))
        });
        states.collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_node_ends_with_the_same_clients_and_the_configuration_wins(
        changes in changes(),
        one in life(),
        two in life(),
    ) {
        let mut rows = Rows::new();
        let mut moments = vec![rows.all()];
        for (number, (name, change)) in changes.iter().enumerate() {
            rows.apply(number, *name, change);
            moments.push(rows.all());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (first, second) = runtime.block_on(async {
            let (first, second) = (Node::new(), Node::new());
            tokio::join!(first.live(&moments, &one), second.live(&moments, &two));
            (first.registry(), second.registry())
        });
        prop_assert_eq!(&first, &second);
        prop_assert_eq!(first, rows.expected());
    }
}

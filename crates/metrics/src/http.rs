//! Requests by route: how many, how long, how large, and how many at this moment. Routes are known
//! beforehand, so no path that somebody made up is ever a label.

mod client;
mod words;
mod write;

pub use client::ClientHttp;
pub use words::{FAMILIES, Group, family_place};

use crate::{Histogram, Sum};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};
use words::{CODES, METHODS, code_place};

/// One method on one listed path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpRoute {
    pub method: &'static str,
    pub path: &'static str,
}

/// What stands for every path that is no route's.
const UNMATCHED: &str = "unmatched";

#[derive(Debug)]
pub struct Http {
    /// The listed routes in their order, then one for each method of what is not listed.
    slots: Box<[Slot]>,
    in_flight: Level,
}

#[derive(Debug)]
struct Slot {
    route: HttpRoute,
    group: Group,
    in_flight: Level,
    families: [Family; FAMILIES.len()],
    /// Well-known statuses, then all others of each family.
    codes: [AtomicU64; CODES.len() + FAMILIES.len()],
    panics: AtomicU64,
    abandoned: AtomicU64,
}

#[derive(Debug, Default)]
struct Family {
    took: Histogram,
    request_bytes: Sum,
    response_bytes: Sum,
}

/// How many at this moment, and the most there ever were.
#[derive(Debug, Default)]
struct Level {
    now: AtomicU64,
    most: AtomicU64,
}

impl Level {
    fn up(&self) {
        let now = self.now.fetch_add(1, Relaxed) + 1;
        // Most of the time it is no record, and then nothing is written.
        if now > self.most.load(Relaxed) {
            self.most.fetch_max(now, Relaxed);
        }
    }

    fn down(&self) {
        self.now.fetch_sub(1, Relaxed);
    }
}

impl Slot {
    fn new(route: HttpRoute, group: Group) -> Self {
        Self {
            route,
            group,
            in_flight: Level::default(),
            families: Default::default(),
            codes: std::array::from_fn(|_| AtomicU64::new(0)),
            panics: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
        }
    }
}

impl Http {
    pub fn new(routes: impl IntoIterator<Item = HttpRoute>) -> Self {
        let listed = routes.into_iter().map(|route| Slot::new(route, Group::of(route.path)));
        let others = METHODS
            .into_iter()
            .map(|method| Slot::new(HttpRoute { method, path: UNMATCHED }, Group::Other));
        Self { slots: listed.chain(others).collect(), in_flight: Level::default() }
    }

    /// A request begins: on the route of this place, or on none.
    pub fn begin(self: &Arc<Self>, place: Option<usize>, method: &str) -> Flight {
        let listed = self.slots.len() - METHODS.len();
        let place = place.filter(|place| *place < listed);
        let place = place.unwrap_or_else(|| listed + words::method_place(method));
        self.in_flight.up();
        self.slots[place].in_flight.up();
        Flight { http: Arc::clone(self), place, began: Instant::now(), is_over: false }
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    pub status: u16,
    /// Where the length was told.
    pub request_bytes: Option<u64>,
    pub response_bytes: Option<u64>,
    pub panicked: bool,
}

/// A request under way. One that is dropped before its end was abandoned by whoever asked.
#[derive(Debug)]
pub struct Flight {
    http: Arc<Http>,
    place: usize,
    began: Instant,
    is_over: bool,
}

impl Flight {
    fn slot(&self) -> &Slot {
        &self.http.slots[self.place]
    }

    pub fn group(&self) -> Group {
        self.slot().group
    }

    pub fn end(mut self, ended: Ended) {
        self.is_over = true;
        let slot = self.slot();
        let family = &slot.families[family_place(ended.status)];
        family.took.observe(self.began.elapsed());
        ended.request_bytes.into_iter().for_each(|bytes| family.request_bytes.add(bytes));
        ended.response_bytes.into_iter().for_each(|bytes| family.response_bytes.add(bytes));
        slot.codes[code_place(ended.status)].fetch_add(1, Relaxed);
        if ended.panicked {
            slot.panics.fetch_add(1, Relaxed);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let slot = self.slot();
        slot.in_flight.down();
        if !self.is_over {
            slot.abandoned.fetch_add(1, Relaxed);
        }
        self.http.in_flight.down();
    }
}

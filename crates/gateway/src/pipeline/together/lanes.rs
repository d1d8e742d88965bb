//! Rows of one shape stand in one lane, and a lane is written when it is full or its time has come.

use super::{Event, Events, Place};
use crate::{error::GatewayError, pipeline::task::Task};
use backend::{BackendError, Outcome};
use bytes::BytesMut;
use query::plan::{LoneRow, RowShape};
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::Instant};

/// A statement with more is written without waiting longer.
const ENOUGH_BYTES: usize = 1 << 20;

/// What becomes of a row that waited.
pub(super) enum Verdict {
    Written {
        /// As it is answered, when anybody wants to see it.
        row: Option<Box<str>>,
        outcome: Outcome,
    },
    /// Nothing was done; whoever sent it writes it alone.
    Alone,
    Failed(Arc<GatewayError>),
}

pub(super) struct Waiting {
    pub(super) row: LoneRow,
    pub(super) reply: oneshot::Sender<Verdict>,
    pub(super) place: Place,
}

/// What makes rows alike: whose they are, and what is done with them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    upstream: usize,
    text: String,
    strip_nulls: bool,
}

pub(super) struct Lane {
    key: Key,
    /// With the rights of the first in it; each of the others was permitted the same.
    task: Task,
    shape: RowShape,
    waiting: Vec<Waiting>,
    bytes: usize,
    /// Told apart from those that had its key before it.
    number: u64,
    due: Option<Instant>,
}

pub(super) struct Lanes {
    open: Mutex<Open>,
    max_batch: usize,
    events: Arc<Events>,
}

#[derive(Default)]
struct Open {
    lanes: HashMap<Key, Lane>,
    opened: u64,
}

impl Lane {
    /// A lane without rows; nothing where this backend cannot write several as one.
    pub(super) fn for_rows_like(task: &Task, shape: RowShape) -> Option<Self> {
        let statement = task.upstream.backend().render_rows(&shape, &[])?.ok()?;
        let key = Key {
            upstream: Arc::as_ptr(&task.upstream) as usize,
            text: statement.text().to_owned(),
            strip_nulls: statement.rows() == query::statement::RowsWanted::ObjectsWithoutNulls,
        };
        let task = task.with_rows(statement);
        Some(Self { key, task, shape, waiting: Vec::new(), bytes: 0, number: 0, due: None })
    }

    fn add(&mut self, waiting: Waiting) {
        self.bytes += waiting.row.size();
        self.waiting.push(waiting);
    }
}

impl Lanes {
    pub(super) fn new(max_batch: usize, events: Arc<Events>) -> Self {
        Self { open: Mutex::default(), max_batch, events }
    }

    /// Stand in the lane, or in the one there is for rows like this.
    pub(super) fn put(self: &Arc<Self>, lane: Lane, waiting: Waiting, window: Duration) {
        let mut open = self.open();
        let Open { lanes, opened } = &mut *open;
        let key = lane.key.clone();
        let lane = lanes.entry(key.clone()).or_insert_with(|| {
            *opened += 1;
            Lane { number: *opened, ..lane }
        });
        lane.add(waiting);
        if lane.waiting.len() >= self.max_batch || lane.bytes >= ENOUGH_BYTES {
            if let Some(full) = lanes.remove(&key) {
                tokio::spawn(Arc::clone(self).flush(full));
            }
            return;
        }
        let due = Instant::now() + window;
        if lane.due.is_none_or(|other| due < other) {
            lane.due = Some(due);
            let number = lane.number;
            tokio::spawn(Arc::clone(self).flush_at(due, key, number));
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unless it was full before, or somebody in it had less time.
    async fn flush_at(self: Arc<Self>, due: Instant, key: Key, number: u64) {
        tokio::time::sleep_until(due).await;
        let lane = {
            let mut open = self.open();
            let is_same = open.lanes.get(&key).is_some_and(|lane| lane.number == number);
            if is_same { open.lanes.remove(&key) } else { None }
        };
        if let Some(lane) = lane {
            self.flush(lane).await;
        }
    }

    async fn flush(self: Arc<Self>, mut lane: Lane) {
        // The row of a caller who left is not wanted any more.
        lane.waiting.retain(|waiting| !waiting.reply.is_closed());
        if lane.waiting.len() < 2 {
            self.events.count(Event::Single);
            return lane.waiting.into_iter().for_each(|waiting| answer(waiting, Verdict::Alone));
        }
        let rows: Vec<_> = lane.waiting.iter().map(|waiting| waiting.row.clone()).collect();
        let statement = lane.task.upstream.backend().render_rows(&lane.shape, &rows);
        drop(rows);
        let Some(Ok(statement)) = statement else {
            return lane.waiting.into_iter().for_each(|waiting| answer(waiting, Verdict::Alone));
        };
        lane.task.rows = statement;
        let mut out = BytesMut::new();
        match lane.task.run(&mut out).await {
            Ok(outcome) => self.hand_out(lane, &outcome, &out),
            Err(error) if is_about_rows(&error) => {
                self.events.count(Event::SqlError);
                lane.waiting.into_iter().for_each(|waiting| answer(waiting, Verdict::Alone));
            }
            Err(error) => fail(lane.waiting, error),
        }
    }

    fn hand_out(&self, lane: Lane, outcome: &Outcome, out: &[u8]) {
        let count = lane.waiting.len();
        let rows: Vec<Box<RawValue>> = serde_json::from_slice(out).unwrap_or_default();
        let is_headless = lane.shape.is_headless();
        let is_whole = outcome.affected == count as u64 && (is_headless || rows.len() == count);
        if !is_whole {
            // Something got in between that was not there when the catalog was read.
            self.events.count(Event::CountMismatch);
            return fail(lane.waiting, GatewayError::Abandoned);
        }
        self.events.count(Event::Bulk);
        let mut rows = rows.into_iter();
        for waiting in lane.waiting {
            let row = rows.next().filter(|_| !is_headless).map(Box::<str>::from);
            let outcome = Outcome { returned: u64::from(row.is_some()), affected: 1, count: None };
            answer(waiting, Verdict::Written { row, outcome });
        }
    }
}

fn answer(waiting: Waiting, verdict: Verdict) {
    drop(waiting.place);
    // Whoever left meanwhile left their row.
    let _left = waiting.reply.send(verdict);
}

fn fail(waiting: Vec<Waiting>, error: GatewayError) {
    let error = Arc::new(error);
    for waiting in waiting {
        answer(waiting, Verdict::Failed(Arc::clone(&error)));
    }
}

/// The database refused it for what stands in it, and nothing of it was written.
fn is_about_rows(error: &GatewayError) -> bool {
    let GatewayError::Backend { source, .. } = error else { return false };
    matches!(source, BackendError::Database(_)) && error.surely_changed_nothing()
}

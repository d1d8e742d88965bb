//! Single inserts that come close together, written by one statement, each with an answer of its own.

mod events;
mod lanes;
mod settings;

pub use events::InsertWindowEvents;
pub use settings::InsertWindowSettings;

use super::{observed::Journey, task::Task};
use crate::error::GatewayError;
use backend::Outcome;
use bytes::{BufMut, BytesMut};
use events::{Event, Events};
use lanes::{Lane, Lanes, Verdict, Waiting};
use query::plan::{LoneRow, RowShape};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// All the values that wait, in bytes. A queue of many small rows is one thing, of many large ones another.
const MOST_BYTES: u32 = 64 << 20;

/// The rows that wait to be written together.
pub(crate) struct Together {
    settings: InsertWindowSettings,
    lanes: Arc<Lanes>,
    events: Arc<Events>,
    places: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

/// A place in the queue, given back when the row is written or nobody wants it any more.
pub(super) struct Place {
    _row: OwnedSemaphorePermit,
    _bytes: OwnedSemaphorePermit,
}

impl Together {
    pub(crate) fn new(settings: InsertWindowSettings) -> Self {
        let events = Arc::new(Events::default());
        Self {
            lanes: Arc::new(Lanes::new(settings.max_batch, Arc::clone(&events))),
            places: Arc::new(Semaphore::new(settings.max_queued)),
            room: Arc::new(Semaphore::new(MOST_BYTES as usize)),
            settings,
            events,
        }
    }

    pub(crate) fn events(&self) -> InsertWindowEvents {
        self.events.read()
    }

    /// Whether a row may wait for others, which its request may have a word in.
    pub(super) fn is_open_for(&self, asked: Option<Duration>) -> bool {
        asked.or(self.settings.window()).is_some()
    }

    /// Write the task's row with others like it. `None` says that it has to be written alone, and that
    /// nothing was done yet.
    pub(super) async fn write(
        &self,
        journey: &Journey,
        task: &Task,
        asked: Option<Duration>,
        out: &mut BytesMut,
    ) -> Option<Result<Outcome, GatewayError>> {
        let window = asked.or(self.settings.window())?;
        // Whoever notes their write wants to know what it went by, and has it for themselves.
        if journey.visitor().marks().is_some() {
            return None;
        }
        let (shape, row) = self.lone_row(task)?;
        let place = self.place(&row)?;
        // Of its time, the statement itself must have some.
        let window = window.min(task.time / 2);
        let lane = Lane::for_rows_like(task, shape)?;
        let (reply, verdict) = oneshot::channel();
        self.lanes.put(lane, Waiting { row, reply, place }, window);
        match verdict.await {
            Ok(Verdict::Alone) => None,
            Ok(Verdict::Written { row, outcome }) => {
                out.put_u8(b'[');
                out.put_slice(row.as_deref().map_or(b"", str::as_bytes));
                out.put_u8(b']');
                Some(Ok(outcome))
            }
            Ok(Verdict::Failed(error)) => Some(Err(GatewayError::Shared(error))),
            Err(_gone) => Some(Err(GatewayError::Abandoned)),
        }
    }

    /// The row, when it can be told from others that are written with it. A trigger or a rule might
    /// write none or another one in its place.
    fn lone_row(&self, task: &Task) -> Option<(RowShape, LoneRow)> {
        let table = task.stored(task.plan.table());
        if self.settings.sets_apart(&table.name) || task.schema.reaches_others(&table.name) {
            return None;
        }
        if table.kind != catalog::TableKind::Table {
            return None;
        }
        match task.plan.bound(&task.schema) {
            Some(bound) => bound.lone_row(),
            None => task.plan.lone_row(),
        }
    }

    fn place(&self, row: &LoneRow) -> Option<Place> {
        let bytes = u32::try_from(row.size()).ok()?;
        let row = Arc::clone(&self.places).try_acquire_owned().ok();
        let bytes = Arc::clone(&self.room).try_acquire_many_owned(bytes).ok();
        let Some((row, bytes)) = row.zip(bytes) else {
            self.events.count(Event::QueueFull);
            return None;
        };
        Some(Place { _row: row, _bytes: bytes })
    }
}

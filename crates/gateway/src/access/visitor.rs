//! A caller at the door of one client, with the ids and the clock of their request.

use crate::{ids::Trace, public::Bounds, timings::Timings};
use api_types::ClientName;
use auth::Caller;
use backend::Marks;
use std::sync::Arc;

/// Somebody who was let in. What they may do there is decided later, table by table.
#[derive(Debug, Clone)]
pub struct Visitor {
    caller: Caller,
    client: ClientName,
    trace: Trace,
    timings: Timings,
    /// What holds for this visitor beside their rights.
    bounds: Option<Arc<Bounds>>,
    /// Where their writes are noted before they can be committed.
    marks: Option<Arc<dyn Marks>>,
}

impl Visitor {
    pub(crate) fn new(caller: Caller, client: ClientName, trace: Trace, timings: Timings) -> Self {
        Self { caller, client, trace, timings, bounds: None, marks: None }
    }

    /// A caller whose session was checked elsewhere, as the console's are.
    pub fn in_process(caller: Caller, client: ClientName) -> Self {
        Self::new(caller, client, Trace::for_request(None), Timings::start())
    }

    pub(crate) fn within(self, bounds: Arc<Bounds>) -> Self {
        Self { bounds: Some(bounds), ..self }
    }

    pub(crate) fn bounds(&self) -> Option<&Arc<Bounds>> {
        self.bounds.as_ref()
    }

    /// The same, whose writes are noted here.
    pub(crate) fn noted(mut self, marks: Arc<dyn Marks>) -> Self {
        self.marks = Some(marks);
        self
    }

    pub(crate) fn marks(&self) -> Option<&dyn Marks> {
        self.marks.as_deref()
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }
    pub fn client(&self) -> &ClientName {
        &self.client
    }
    pub fn trace(&self) -> &Trace {
        &self.trace
    }
    pub(crate) fn timings(&self) -> &Timings {
        &self.timings
    }
}

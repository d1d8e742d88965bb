//! Readings of the catalog that somebody waits for.

use super::{Readings, Upstream};
use std::mem;

impl Upstream {
    /// Somebody waits for the next reading, so that it comes before those nobody waits for.
    pub(super) fn want(&self) {
        self.wanted.send_if_modified(|wanted| !mem::replace(wanted, true));
    }

    /// Until somebody waits for the next reading.
    pub(in super::super) async fn wanted(&self) {
        // The sender lives as long as this does.
        let _ = self.wanted.subscribe().wait_for(|wanted| *wanted).await;
    }

    /// Until the catalog was read once, well or badly.
    pub(crate) async fn settled(&self) {
        self.want();
        // The sender lives as long as this does, so there is nothing to wait for in vain.
        let _ = self.finished.subscribe().wait_for(|readings| readings.finished > 0).await;
    }

    pub(in super::super) fn begin(&self) {
        self.wanted.send_if_modified(|wanted| mem::replace(wanted, false));
        self.finished.send_modify(|readings| readings.is_running = true);
    }

    pub(in super::super) fn finish(&self) {
        self.finished.send_modify(|readings| {
            *readings = Readings { finished: readings.finished + 1, is_running: false };
        });
    }
}

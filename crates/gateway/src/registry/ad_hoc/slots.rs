//! A bounded number of upstreams, the least used of which makes room for a new one.

use super::{super::Entry, AdHocError, Upstream};
use api_types::ClientName;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::{sync::OnceCell, time::Instant};

pub(super) const MOST: usize = 64;

/// An upstream that nobody asks for this long is let go.
pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);

/// A request may be on its way to an upstream that was used this lately.
const BUSY: Duration = Duration::from_secs(10);

pub(super) struct Slot {
    pub(super) upstream: OnceCell<Entry>,
    used: Mutex<Instant>,
    watched: std::sync::atomic::AtomicBool,
}

impl Slot {
    fn new() -> Self {
        Self {
            upstream: OnceCell::new(),
            used: Mutex::new(Instant::now()),
            watched: std::sync::atomic::AtomicBool::new(false),
        }
    }

    fn used(&self) -> Instant {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn touch(&self) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    async fn close(&self) {
        if let Some(entry) = self.upstream.get() {
            entry.upstream.backend().close().await;
        }
    }
}

#[derive(Default)]
pub(super) struct Slots {
    slots: Mutex<HashMap<ClientName, Arc<Slot>>>,
}

impl Slots {
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(super) fn get(&self, name: &ClientName) -> Option<Arc<Upstream>> {
        let slot = Arc::clone(self.lock().get(name)?);
        slot.touch();
        slot.upstream.get().map(|entry| Arc::clone(&entry.upstream))
    }

    /// The slot of this name, made when there is none and room for it.
    pub(super) fn take(&self, name: &ClientName) -> Result<Arc<Slot>, AdHocError> {
        let mut slots = self.lock();
        if let Some(slot) = slots.get(name) {
            slot.touch();
            return Ok(Arc::clone(slot));
        }
        if slots.len() >= MOST {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.used());
            let oldest = oldest.filter(|(_, slot)| slot.used().elapsed() >= BUSY);
            let name = oldest.map(|(name, _)| name.clone());
            let name = name.ok_or(AdHocError::TooMany { limit: MOST })?;
            let_go(slots.remove(&name));
        }
        let slot = Arc::new(Slot::new());
        slots.insert(name.clone(), Arc::clone(&slot));
        Ok(slot)
    }

    pub(super) fn forget(&self, name: &ClientName, slot: &Arc<Slot>) {
        let mut slots = self.lock();
        if slots.get(name).is_some_and(|kept| Arc::ptr_eq(kept, slot)) {
            let_go(slots.remove(name));
        }
    }

    /// Let the slot go once nobody has used it for long.
    pub(super) fn watch(slots: &Arc<Self>, name: ClientName, slot: &Arc<Slot>) {
        if slot.watched.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        let (slots, slot) = (Arc::downgrade(slots), Arc::downgrade(slot));
        tokio::spawn(async move {
            while let Some(until) = idle_at(&slot) {
                if until <= Instant::now() {
                    if let (Some(slots), Some(slot)) = (slots.upgrade(), slot.upgrade()) {
                        slots.forget(&name, &slot);
                    }
                    return;
                }
                tokio::time::sleep_until(until).await;
            }
        });
    }

    pub(super) async fn close(&self) {
        let slots = std::mem::take(&mut *self.lock());
        for slot in slots.values() {
            slot.close().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientName, Arc<Slot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn idle_at(slot: &Weak<Slot>) -> Option<Instant> {
    slot.upgrade().map(|slot| slot.used() + IDLE)
}

/// What runs is finished first, and nobody waits for that.
fn let_go(slot: Option<Arc<Slot>>) {
    if let Some(slot) = slot {
        tokio::spawn(async move { slot.close().await });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: usize) -> ClientName {
        ClientName::parse(&format!("header-{number}")).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn there_are_never_more_slots_than_allowed_and_busy_ones_stay() {
        let slots = Slots::default();
        for number in 0..MOST {
            slots.take(&name(number)).unwrap();
        }
        assert_eq!(slots.take(&name(MOST)).err(), Some(AdHocError::TooMany { limit: MOST }));
        tokio::time::advance(BUSY).await;
        slots.take(&name(0)).unwrap();
        slots.take(&name(MOST)).unwrap();
        assert_eq!(slots.lock().len(), MOST);
        assert!(slots.lock().contains_key(&name(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_nobody_uses_is_let_go() {
        let slots = Arc::new(Slots::default());
        let slot = slots.take(&name(1)).unwrap();
        Slots::watch(&slots, name(1), &slot);
        tokio::time::sleep(IDLE / 2).await;
        slots.take(&name(1)).unwrap();
        tokio::time::sleep(IDLE - Duration::from_secs(1)).await;
        assert_eq!(slots.lock().len(), 1);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(slots.lock().len(), 0);
    }
}

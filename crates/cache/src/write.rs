//! The other half of generations: a write that cannot forget to bump them.

use crate::{generations::Generations, scope::Scope, shared::SharedLevel};
use std::sync::Arc;

/// A write under way. Dropped without a word, it counts as written: a statement that was sent may
/// have been committed, whatever became of whoever waited for it.
pub struct WriteNotice {
    generations: Arc<Generations>,
    shared: Option<SharedLevel>,
    scopes: Vec<Scope>,
}

impl WriteNotice {
    pub(crate) fn new(
        generations: Arc<Generations>,
        shared: Option<SharedLevel>,
        scopes: Vec<Scope>,
    ) -> Self {
        Self { generations, shared, scopes }
    }

    /// It was committed. Await this before answering; it takes at most the Redis budget.
    pub async fn written(mut self) {
        self.generations.bump(&self.scopes);
        let scopes = std::mem::take(&mut self.scopes);
        if let Some(shared) = &self.shared {
            shared.forget(scopes).await;
        }
    }

    /// It changed nothing: no row, or it was refused or rolled back for certain.
    pub fn unchanged(mut self) {
        self.scopes.clear();
    }
}

impl Drop for WriteNotice {
    fn drop(&mut self) {
        let scopes = std::mem::take(&mut self.scopes);
        if scopes.is_empty() {
            return;
        }
        self.generations.bump(&scopes);
        if let Some(shared) = &self.shared {
            shared.forget_later(scopes);
        }
    }
}

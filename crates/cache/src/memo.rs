//! Things found out before, bounded by what they weigh.

use moka::future::Cache;
use std::{hash::Hash, sync::Arc};

/// Remembers what a key led to. Forgetting is always allowed. Cheap to clone; all clones are one.
pub struct Memo<K, V> {
    kept: Cache<K, Arc<V>>,
}

impl<K, V> Clone for Memo<K, V> {
    fn clone(&self) -> Self {
        Self { kept: self.kept.clone() }
    }
}

impl<K, V> Memo<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Room for so many bytes, by the weight that is told of each.
    pub fn new(
        capacity_bytes: u64,
        weight: impl Fn(&K, &V) -> usize + Send + Sync + 'static,
    ) -> Self {
        let weigher =
            move |key: &K, value: &Arc<V>| u32::try_from(weight(key, value)).unwrap_or(u32::MAX);
        Self { kept: Cache::builder().max_capacity(capacity_bytes).weigher(weigher).build() }
    }

    pub async fn get(&self, key: &K) -> Option<Arc<V>> {
        self.kept.get(key).await
    }

    pub async fn keep(&self, key: K, value: V) {
        self.kept.insert(key, Arc::new(value)).await;
    }

    pub async fn forget(&self, key: &K) {
        self.kept.invalidate(key).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_remembered_never_outweighs_its_room() {
        let memo: Memo<Vec<u8>, usize> = Memo::new(1_000, |key: &Vec<u8>, _| key.len());
        for at in 0..100_u8 {
            memo.keep(vec![at; 100], usize::from(at)).await;
        }
        memo.kept.run_pending_tasks().await;
        assert!(memo.kept.weighted_size() <= 1_000);
        assert!(memo.kept.entry_count() > 0);
        memo.keep(b"one".to_vec(), 1).await;
        memo.forget(&b"one".to_vec()).await;
        assert_eq!(memo.get(&b"one".to_vec()).await, None);
    }
}

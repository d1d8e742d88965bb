//! What Redis could not be told yet.

use crate::scope::Scope;
use std::collections::HashSet;

/// Beyond this many scopes it is cheaper to forget everything.
const MOST: usize = 1024;

#[derive(Default)]
pub(super) struct Owed {
    scopes: HashSet<Scope>,
}

impl Owed {
    pub(super) fn add(&mut self, scopes: &[Scope]) {
        if self.scopes.contains(&Scope::everything()) {
            return;
        }
        self.scopes.extend(scopes);
        if self.scopes.len() > MOST {
            self.scopes = HashSet::from([Scope::everything()]);
        }
    }

    pub(super) fn take(&mut self) -> Vec<Scope> {
        self.scopes.drain().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_scopes_become_everything() {
        let mut owed = Owed::default();
        let many: Vec<_> = (1..=MOST as u128).map(Scope::from_bits).collect();
        owed.add(&many);
        assert_eq!(owed.scopes.len(), MOST);
        owed.add(&[Scope::from_bits(u128::MAX)]);
        owed.add(&[Scope::from_bits(7)]);
        assert_eq!(owed.take(), [Scope::everything()]);
        assert!(owed.take().is_empty());
    }
}

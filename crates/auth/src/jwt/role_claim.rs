//! Where in a token the role stands: `.role`, `."https://example/claims".role`, `.roles[0]`.

use super::JwtSetupError;
use serde_json::{Map, Value};

/// A path into the claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleClaim(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Default for RoleClaim {
    fn default() -> Self {
        Self(vec![Step::Key("role".to_owned())])
    }
}

impl RoleClaim {
    pub fn parse(text: &str) -> Result<Self, JwtSetupError> {
        let mut steps = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (step, behind) = step(rest).ok_or(JwtSetupError::RoleClaim)?;
            steps.push(step);
            rest = behind;
        }
        if steps.is_empty() { Err(JwtSetupError::RoleClaim) } else { Ok(Self(steps)) }
    }

    /// The role; what is no text is taken as it is written.
    pub(super) fn find(&self, claims: &Map<String, Value>) -> Option<String> {
        let (first, rest) = self.0.split_first()?;
        let Step::Key(first) = first else { return None };
        let found = rest.iter().try_fold(claims.get(first)?, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })?;
        Some(match found {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}

fn step(text: &str) -> Option<(Step, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (index, rest) = rest.split_once(']')?;
        return Some((Step::Index(index.parse().ok()?), rest));
    }
    let rest = text.strip_prefix('.')?;
    if let Some(quoted) = rest.strip_prefix('"') {
        let (key, rest) = quoted.split_once('"')?;
        return Some((Step::Key(key.to_owned()), rest));
    }
    let fits = |c: char| c.is_alphanumeric() || "_$@-".contains(c);
    let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
    (end > 0).then(|| (Step::Key(rest[..end].to_owned()), &rest[end..]))
}

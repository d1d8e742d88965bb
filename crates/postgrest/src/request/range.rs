//! Which of the rows: `limit`, `offset` and the header Range.

use http::{HeaderMap, header};

/// Rows counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    pub offset: i64,
    /// Negative where the request said so.
    pub limit: Option<i64>,
}

impl Range {
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.limit.is_some_and(|limit| limit <= 0)
    }

    /// The row after the last.
    fn end(&self) -> Option<i64> {
        self.limit.map(|limit| self.offset.saturating_add(limit))
    }

    pub(super) fn intersection(self, other: Self) -> Self {
        let offset = self.offset.max(other.offset);
        let end = match (self.end(), other.end()) {
            (Some(one), Some(another)) => Some(one.min(another)),
            (one, another) => one.or(another),
        };
        Self { offset, limit: end.map(|end| end.saturating_sub(offset)) }
    }

    /// No more rows than are allowed.
    pub fn capped(self, max: Option<u64>) -> Self {
        let max = max.map(|max| i64::try_from(max).unwrap_or(i64::MAX));
        let limit = match (self.limit, max) {
            (Some(limit), Some(max)) => Some(limit.min(max)),
            (limit, max) => limit.or(max),
        };
        Self { limit, ..self }
    }

    /// `0-9` or `10-`; anything else asks for all rows.
    pub(super) fn of_header(headers: &HeaderMap) -> Self {
        let sent = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
        sent.and_then(Self::parse).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if first.is_empty() || !is_number(first) || !is_number(last) {
            return None;
        }
        let offset = first.parse().unwrap_or(i64::MAX);
        let limit = match last {
            "" => None,
            last => Some(last.parse().unwrap_or(i64::MAX).saturating_sub(offset).saturating_add(1)),
        };
        Some(Self { offset, limit })
    }
}

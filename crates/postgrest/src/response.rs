//! What came back becomes an answer.

mod headers;
mod location;
mod outcome;

#[cfg(test)]
mod tests;

pub use outcome::Outcome;

use crate::{
    RestError,
    plan::{Access, DatabasePlan, Work},
    request::{
        Call, Mutation,
        media::MediaType,
        prefer::{Count, Preferences, Representation, Resolution},
    },
    schema::Routine,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use outcome::Row;

#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Response {
    pub(crate) fn options(allowed: &str) -> Self {
        let mut response = Self::new(StatusCode::OK);
        response.put(header::ALLOW, allowed);
        response.put(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        response
    }

    fn new(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// What a header cannot hold is left out: it was only an echo.
    fn put(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) =
            HeaderValue::from_str(value).or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        {
            self.headers.insert(name, value);
        }
    }

    fn put_type(&mut self, plan: &DatabasePlan) {
        self.put(header::CONTENT_TYPE, &plan.media.content_type());
        if plan.is_profiled {
            self.put(HeaderName::from_static("content-profile"), &plan.schema);
        }
    }

    fn put_applied(&mut self, preferences: &Preferences) {
        if let Some(applied) = preferences.applied() {
            self.put(HeaderName::from_static("preference-applied"), &applied);
        }
    }
}

impl DatabasePlan {
    /// Whether the outcome may stay. An error undoes it.
    pub fn check(&self, outcome: &Outcome) -> Result<(), RestError> {
        let Outcome::Row(row) = outcome else { return Ok(()) };
        let rows = row.page_total;
        if let Work::Write { mutation: Mutation::Upsert, .. } = self.work {
            return if rows == 1 { Ok(()) } else { Err(RestError::PutKey) };
        }
        if self.media.is_object() && rows != 1 {
            return Err(RestError::Singular { rows });
        }
        let is_limited = match &self.work {
            Work::Read { .. } => false,
            Work::Write { mutation, .. } => *mutation != Mutation::Insert,
            Work::Call { .. } => true,
        };
        match self.preferences.max_affected {
            Some(max) if is_limited && self.preferences.is_strict() && rows > max => {
                Err(RestError::MaxAffected { rows })
            }
            _ => Ok(()),
        }
    }

    /// Whether the transaction ends in the same way whatever is answered, so that it need not wait
    /// for the answer to be read.
    ///
    /// Rows of a change are waited for: they may be too many to be sent, which undoes it.
    pub fn ends_the_same(&self) -> bool {
        let is_limited = self.preferences.is_strict() && self.preferences.max_affected.is_some();
        let may_be_refused = self.media.is_object() || is_limited;
        match &self.work {
            Work::Read { .. } => {
                let counted = self.preferences.count;
                let may_be_estimated = matches!(counted, Some(Count::Planned | Count::Estimated));
                // A read that is refused has nothing to undo, but a function in it may have.
                let may_be_undone = may_be_refused && self.calls_functions();
                !may_be_estimated && !may_be_undone
            }
            Work::Write { mutation, .. } => {
                let shows_rows = self.preferences.representation == Some(Representation::Full);
                *mutation != Mutation::Upsert && !shows_rows && !may_be_refused
            }
            Work::Call { .. } => self.access() == Access::ReadOnly && !may_be_refused,
        }
    }

    /// The answer, with the planner's estimate where [`DatabasePlan::estimate`] asked for one.
    pub fn respond(&self, outcome: Outcome, estimate: Option<i64>) -> Result<Response, RestError> {
        let row = match outcome {
            Outcome::Row(row) => row,
            Outcome::Explained(body) => {
                let mut response = Response::new(StatusCode::OK);
                response.put_type(self);
                response.body = body;
                return Ok(response);
            }
        };
        let mut response = match &self.work {
            Work::Read { only_headers } => self.read_answer(&row, *only_headers, estimate),
            Work::Write { mutation, .. } => self.write_answer(&row, *mutation),
            Work::Call { call, plan } => self.call_answer(&row, *call, &plan.routine),
        };
        headers::override_by(&mut response, row.headers.as_deref(), row.status.as_deref())?;
        Ok(response)
    }

    fn total(&self, row: &Row, estimate: Option<i64>) -> Option<i64> {
        match self.preferences.count {
            Some(Count::Planned) => estimate,
            Some(Count::Estimated) => match estimate {
                Some(estimate) => row.total.map(|total| total.max(estimate)),
                None => row.total,
            },
            Some(Count::Exact) | None => row.total,
        }
    }

    fn read_answer(&self, row: &Row, only_headers: bool, estimate: Option<i64>) -> Response {
        let mut response = self.page(row, self.total(row, estimate));
        let query = match self.canonical_query.as_str() {
            "" => String::new(),
            query => format!("?{query}"),
        };
        let place = format!("/{}{query}", self.name);
        response.put(header::CONTENT_LOCATION, &place);
        response.put_type(self);
        response.put_applied(&Preferences {
            resolution: None,
            representation: None,
            missing: None,
            max_affected: None,
            ..self.preferences.clone()
        });
        if only_headers {
            response.body = Bytes::new();
        }
        response
    }

    /// Which rows these are of how many, and the body that goes with it.
    fn page(&self, row: &Row, total: Option<i64>) -> Response {
        let lower = self.range.offset;
        let upper = lower.saturating_add(row.page_total).saturating_sub(1);
        let (status, body) = match total {
            Some(total) if lower > total => {
                let error = RestError::OutOfBounds { offset: lower, total };
                (StatusCode::RANGE_NOT_SATISFIABLE, error.body())
            }
            Some(total) if upper.saturating_add(1).saturating_sub(lower) < total => {
                (StatusCode::PARTIAL_CONTENT, row.body.clone())
            }
            _ => (StatusCode::OK, row.body.clone()),
        };
        let mut response = Response { body, ..Response::new(status) };
        response.put(header::CONTENT_RANGE, &content_range(lower, upper, total));
        response
    }

    fn write_answer(&self, row: &Row, mutation: Mutation) -> Response {
        let is_full = self.preferences.representation == Some(Representation::Full);
        let merges = self.preferences.resolution == Some(Resolution::MergeDuplicates);
        let status = match mutation {
            // Nothing of what was merged is new.
            Mutation::Insert if merges && row.inserted.unwrap_or(0) <= 0 => StatusCode::OK,
            Mutation::Insert => StatusCode::CREATED,
            _ if !is_full => StatusCode::NO_CONTENT,
            Mutation::Upsert if row.inserted.unwrap_or(0) > 0 => StatusCode::CREATED,
            Mutation::Upsert | Mutation::Update | Mutation::Delete => StatusCode::OK,
        };
        let mut response = Response::new(status);
        if mutation == Mutation::Insert
            && let Some(location) = &row.location
        {
            response.put(header::LOCATION, &location::address(&self.name, location));
        }
        let total = self.preferences.counts().then_some(row.page_total);
        let range = match mutation {
            Mutation::Update => Some(content_range(0, row.page_total - 1, total)),
            Mutation::Insert | Mutation::Delete => Some(content_range(1, 0, total)),
            Mutation::Upsert => None,
        };
        if let Some(range) = range {
            response.put(header::CONTENT_RANGE, &range);
        }
        response.put_applied(&self.applied_to(mutation));
        if is_full {
            response.put_type(self);
            response.body = row.body.clone();
        }
        response
    }

    /// The preferences that had a say in a change.
    fn applied_to(&self, mutation: Mutation) -> Preferences {
        let mut applied = self.preferences.clone();
        let Work::Write { write, .. } = &self.work else { return applied };
        let has_conflict = !write.primary_key.is_empty() || self.names_conflict;
        if mutation != Mutation::Insert || !has_conflict {
            applied.resolution = None;
        }
        if !matches!(mutation, Mutation::Insert | Mutation::Update) {
            applied.missing = None;
        }
        if !matches!(mutation, Mutation::Update | Mutation::Delete) {
            applied.max_affected = None;
        }
        applied
    }

    fn call_answer(&self, row: &Row, call: Call, routine: &Routine) -> Response {
        let mut response = self.page(row, row.total);
        response.put_applied(&Preferences {
            resolution: None,
            representation: None,
            missing: None,
            ..self.preferences.clone()
        });
        if routine.returns_void() {
            response.status = StatusCode::NO_CONTENT;
            response.body = Bytes::new();
            return response;
        }
        response.put_type(self);
        if call == Call::Head {
            response.body = Bytes::new();
        }
        response
    }

    /// The media type of the answer.
    pub fn media(&self) -> &MediaType {
        &self.media
    }
}

fn content_range(lower: i64, upper: i64, total: Option<i64>) -> String {
    let total_text = total.map_or("*".to_owned(), |total| total.to_string());
    if lower <= upper && total != Some(0) {
        format!("{lower}-{upper}/{total_text}")
    } else {
        format!("*/{total_text}")
    }
}

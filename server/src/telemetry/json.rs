//! A line as JSON, with every cause of an error in it.

use serde_json::{Map, Value, json};
use std::{error::Error, fmt, iter};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The subscriber's own JSON writes an error without what caused it.
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut line = Line(Map::new());
        line.put("timestamp", time.into());
        line.put("level", event.metadata().level().as_str().into());
        event.record(&mut line);
        // Events of older libraries come with their places as fields.
        let place = line.0.shift_remove("log.target");
        line.0.retain(|name, _| !name.starts_with("log."));
        line.put("target", place.unwrap_or_else(|| event.metadata().target().into()));
        writeln!(out, "{}", Value::Object(line.0))
    }
}

struct Line(Map<String, Value>);

impl Line {
    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Line {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), json!(value));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value.into());
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value.into());
    }
    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        self.put(field.name(), error.to_string().into());
        let causes = iter::successors(error.source(), |cause: &&(dyn Error + 'static)| {
            Error::source(*cause)
        });
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        if !causes.is_empty() {
            self.put(&format!("{}.sources", field.name()), json!(causes));
        }
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    #[derive(Debug, thiserror::Error)]
    #[error("outside")]
    struct Outside(#[source] io::Error);

    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Heard {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_of_json_has_every_cause_of_an_error() {
        let heard = Heard::default();
        let writer = heard.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .event_format(Json)
            .finish();
        let error = Outside(io::Error::other("inside"));
        tracing::subscriber::with_default(subscriber, || {
            let error = &error as &dyn Error;
            tracing::warn!(error, count = 3, client = %"shop", "it \"failed\"\n");
        });
        let heard = heard.0.lock().unwrap();
        let lines: Vec<&[u8]> = heard.split_inclusive(|byte| *byte == b'\n').collect();
        assert_eq!(lines.len(), 1, "a line break in a message ends no line");
        let mut line: Value = serde_json::from_slice(lines[0]).unwrap();
        let members = line.as_object_mut().unwrap();
        assert!(members.shift_remove("timestamp").is_some_and(|time| time.is_string()));
        let expected = json!({
            "level": "WARN", "message": "it \"failed\"\n", "error": "outside",
            "error.sources": ["inside"], "count": 3, "client": "shop",
            "target": "athena::telemetry::json::tests",
        });
        assert_eq!(line, expected);
    }
}

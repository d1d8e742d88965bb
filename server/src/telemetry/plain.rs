//! A line for a file or a pipe: what the subscriber's own format writes, with less work.

use jiff::Timestamp;
use std::{
    cell::RefCell,
    error::Error,
    fmt::{self, Write},
    iter,
    time::{SystemTime, UNIX_EPOCH},
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

pub(super) struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
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
        write_time(&mut out, SystemTime::now())?;
        out.write_str(level(*event.metadata().level()))?;
        let mut line = Line { out, result: Ok(()) };
        event.record(&mut line);
        line.result?;
        line.out.write_char('\n')
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::TRACE => " TRACE",
        Level::DEBUG => " DEBUG",
        Level::INFO => "  INFO",
        Level::WARN => "  WARN",
        Level::ERROR => " ERROR",
    }
}

/// To the microsecond, in UTC. The date is worked out once a second.
fn write_time(out: &mut Writer<'_>, now: SystemTime) -> fmt::Result {
    thread_local! {
        static SHOWN: RefCell<(u64, String)> = const { RefCell::new((0, String::new())) };
    }
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    SHOWN.with_borrow_mut(|(second, text)| {
        if *second != since.as_secs() || text.is_empty() {
            let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
            let moment = Timestamp::from_second(seconds).unwrap_or_default();
            *text = moment.to_string();
            // What stands behind it is written by whoever knows the rest of the second.
            text.pop();
            *second = since.as_secs();
        }
        out.write_str(text)
    })?;
    let mut digits = *b".000000Z";
    let mut rest = since.subsec_micros();
    for digit in digits[1..7].iter_mut().rev() {
        *digit += (rest % 10) as u8;
        rest /= 10;
    }
    out.write_str(std::str::from_utf8(&digits).unwrap_or_default())
}

struct Line<'a> {
    out: Writer<'a>,
    result: fmt::Result,
}

impl Line<'_> {
    /// The name, and then what `value` writes.
    fn put(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let name = field.name();
        // Events of older libraries come with their places as fields.
        if self.result.is_err() || name.starts_with("log.") {
            return;
        }
        let out = &mut self.out;
        self.result = match name {
            "message" => out.write_char(' ').and_then(|()| value(out)),
            _ => {
                let name = name.strip_prefix("r#").unwrap_or(name);
                let named = out.write_char(' ').and_then(|()| out.write_str(name));
                named.and_then(|()| out.write_char('=')).and_then(|()| value(out))
            }
        };
    }
}

impl Visit for Line<'_> {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, |out| out.write_str(itoa::Buffer::new().format(value)));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, |out| out.write_str(itoa::Buffer::new().format(value)));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, |out| out.write_str(if value { "true" } else { "false" }));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            return self.put(field, |out| out.write_str(value));
        }
        self.put(field, |out| {
            if value
                .bytes()
                .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
            {
                out.write_char('"')?;
                out.write_str(value)?;
                return out.write_char('"');
            }
            write!(out, "{value:?}")
        });
    }
    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        let causes = iter::successors(error.source(), |cause: &&(dyn Error + 'static)| {
            Error::source(*cause)
        });
        let causes: Vec<String> = causes.map(ToString::to_string).collect();
        self.put(field, |out| {
            write!(Clean(out), "{error}")?;
            if causes.is_empty() { Ok(()) } else { write!(out, " {field}.sources={causes:?}") }
        });
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            // Ours, and some have several lines.
            "message" => self.put(field, |out| write!(out, "{value:?}")),
            _ => self.put(field, |out| write!(Clean(out), "{value:?}")),
        }
    }
}

/// A value cannot end the line, nor steer the terminal that shows it.
struct Clean<'a, 'b>(&'a mut Writer<'b>);

impl Write for Clean<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.bytes().all(|byte| byte >= b' ' && byte != 0x7f && byte < 0x80) {
            return self.0.write_str(text);
        }
        for c in text.chars() {
            if c.is_control() {
                write!(self.0, "{}", c.escape_default())?;
            } else {
                self.0.write_char(c)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io,
        sync::{Arc, Mutex},
        time::Duration,
    };

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

    fn heard(log: impl FnOnce()) -> String {
        let heard = Heard::default();
        let writer = heard.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .event_format(Plain)
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = heard.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[derive(Debug, thiserror::Error)]
    #[error("outside\nof it")]
    struct Outside(#[source] io::Error);

    #[test]
    fn a_line_has_its_time_its_level_its_words_and_every_field() {
        let text = heard(|| {
            let none: Option<&str> = None;
            tracing::info!(rows = 3_u64, less = -1_i64, ok = true, took = 1.5, word = "a", client = %"shop", none, "it went {}", "well");
        });
        let (time, rest) = text.split_once(' ').unwrap();
        assert!(time.parse::<Timestamp>().is_ok() && time.len() == 27, "{time}");
        assert_eq!(
            rest,
            " INFO it went well rows=3 less=-1 ok=true took=1.5 word=\"a\" client=shop\n"
        );
    }

    #[test]
    fn no_value_ends_a_line_or_reaches_the_terminal() {
        let text = heard(|| {
            let error = Outside(io::Error::other("inside"));
            let error = &error as &dyn Error;
            tracing::error!(error, shown = %"a\nb\u{1b}[31m", word = "c\n\"d\"", named = %"é", "broken");
        });
        let (_, rest) = text.split_once(' ').unwrap();
        let expected = "ERROR broken error=outside\\nof it error.sources=[\"inside\"] shown=a\\nb\\u{1b}[31m word=\"c\\n\\\"d\\\"\" named=é\n";
        assert_eq!(rest, expected);
    }

    #[test]
    fn the_time_is_right_across_seconds() {
        for (micros, shown) in [
            (1_700_000_000_999_999, "2023-11-14T22:13:20.999999Z"),
            (1_700_000_001_000_000, "2023-11-14T22:13:21.000000Z"),
            (1_700_000_000_000_042, "2023-11-14T22:13:20.000042Z"),
        ] {
            let mut text = String::new();
            write_time(&mut Writer::new(&mut text), UNIX_EPOCH + Duration::from_micros(micros))
                .unwrap();
            assert_eq!(text, shown);
        }
    }
}

//! How clients' structure may be changed over HTTP.

use crate::fields::Fields;
use std::time::Duration;

/// What nobody may do, and how long a change keeps others waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Management {
    /// Extensions that may be installed.
    pub extensions: Vec<String>,
    /// Languages that functions may be written in.
    pub function_languages: Vec<String>,
    /// Functions may run with the rights of who made them.
    pub security_definer: bool,
    pub lock_timeout: Duration,
    pub statement_timeout: Duration,
    /// The same for what keeps nobody waiting.
    pub concurrent_timeout: Duration,
}

#[derive(Default)]
pub(crate) struct RawManagement {
    extensions: Option<Vec<String>>,
    function_languages: Option<Vec<String>>,
    security_definer: Option<bool>,
    lock_timeout: Option<Duration>,
    statement_timeout: Option<Duration>,
    concurrent_timeout: Option<Duration>,
}

impl RawManagement {
    pub(crate) fn read(mut fields: Fields<'_, '_>) -> Self {
        let raw = Self {
            extensions: fields.texts("extensions"),
            function_languages: fields.texts("function_languages"),
            security_definer: fields.flag("security_definer"),
            lock_timeout: fields.seconds("lock_timeout_secs", 1..=600),
            statement_timeout: fields.seconds("statement_timeout_secs", 1..=3_600),
            concurrent_timeout: fields.seconds("concurrent_timeout_secs", 1..=86_400),
        };
        fields.finish();
        raw
    }

    pub(crate) fn resolve(self) -> Management {
        let texts = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let extensions = ["pgcrypto", "uuid-ossp", "citext", "pg_stat_statements", "vector"];
        Management {
            extensions: self.extensions.unwrap_or_else(|| texts(&extensions)),
            function_languages: self
                .function_languages
                .unwrap_or_else(|| texts(&["sql", "plpgsql"])),
            security_definer: self.security_definer.unwrap_or(false),
            lock_timeout: self.lock_timeout.unwrap_or(Duration::from_secs(5)),
            statement_timeout: self.statement_timeout.unwrap_or(Duration::from_secs(60)),
            concurrent_timeout: self.concurrent_timeout.unwrap_or(Duration::from_secs(3_600)),
        }
    }
}

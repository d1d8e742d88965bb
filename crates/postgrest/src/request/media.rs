//! Media types of bodies and answers.

use http::{HeaderMap, header};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaType {
    Json,
    GeoJson,
    Csv,
    Text,
    Xml,
    OpenApi,
    UrlEncoded,
    Bytes,
    Any,
    /// `application/vnd.pgrst.array+json;nulls=stripped`
    ArrayStripped,
    /// `application/vnd.pgrst.object+json`
    Object {
        strips_nulls: bool,
    },
    Plan(Box<PlanType>),
    /// In lower case, without parameters.
    Other(String),
}

/// An execution plan instead of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanType {
    pub of: MediaType,
    pub as_json: bool,
    pub options: Vec<PlanOption>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanOption {
    Analyze,
    Verbose,
    Settings,
    Buffers,
    Wal,
}

const OPTIONS: [(&str, PlanOption); 5] = [
    ("analyze", PlanOption::Analyze),
    ("verbose", PlanOption::Verbose),
    ("settings", PlanOption::Settings),
    ("buffers", PlanOption::Buffers),
    ("wal", PlanOption::Wal),
];

impl MediaType {
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let strips_nulls = parameters == ["nulls=stripped"];
        match name.as_str() {
            "application/json" => Self::Json,
            "application/geo+json" => Self::GeoJson,
            "text/csv" => Self::Csv,
            "text/plain" => Self::Text,
            "text/xml" => Self::Xml,
            "application/openapi+json" => Self::OpenApi,
            "application/x-www-form-urlencoded" => Self::UrlEncoded,
            "application/octet-stream" => Self::Bytes,
            "application/vnd.pgrst.plan" | "application/vnd.pgrst.plan+text" => {
                plan(false, &parameters)
            }
            "application/vnd.pgrst.plan+json" => plan(true, &parameters),
            "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => {
                Self::Object { strips_nulls }
            }
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => {
                if strips_nulls {
                    Self::ArrayStripped
                } else {
                    Self::Json
                }
            }
            "*/*" | "" => Self::Any,
            _ => Self::Other(name),
        }
    }

    pub fn name(&self) -> String {
        match self {
            Self::Json => "application/json".to_owned(),
            Self::GeoJson => "application/geo+json".to_owned(),
            Self::Csv => "text/csv".to_owned(),
            Self::Text => "text/plain".to_owned(),
            Self::Xml => "text/xml".to_owned(),
            Self::OpenApi => "application/openapi+json".to_owned(),
            Self::UrlEncoded => "application/x-www-form-urlencoded".to_owned(),
            Self::Bytes => "application/octet-stream".to_owned(),
            Self::Any => "*/*".to_owned(),
            Self::ArrayStripped => "application/vnd.pgrst.array+json;nulls=stripped".to_owned(),
            Self::Object { strips_nulls: true } => {
                "application/vnd.pgrst.object+json;nulls=stripped".to_owned()
            }
            Self::Object { strips_nulls: false } => "application/vnd.pgrst.object+json".to_owned(),
            Self::Plan(plan) => plan.name(),
            Self::Other(name) => name.clone(),
        }
    }

    /// The value of Content-Type.
    pub fn content_type(&self) -> String {
        match self {
            Self::Bytes | Self::Other(_) => self.name(),
            _ => format!("{}; charset=utf-8", self.name()),
        }
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object { .. })
    }
}

impl PlanType {
    fn name(&self) -> String {
        let format = if self.as_json { "json" } else { "text" };
        let options: Vec<&str> = OPTIONS
            .iter()
            .filter(|(_, option)| self.options.contains(option))
            .map(|(name, _)| *name)
            .collect();
        let options = match options.as_slice() {
            [] => String::new(),
            some => format!("; options={}", some.join("|")),
        };
        format!("application/vnd.pgrst.plan+{format}; for=\"{}\"{options}", self.of.name())
    }
}

fn plan(as_json: bool, parameters: &[&str]) -> MediaType {
    let after = |prefix: &str| parameters.iter().find_map(|one| one.strip_prefix(prefix));
    let asked: Vec<&str> =
        after("options=").map(|text| text.split('|').collect()).unwrap_or_default();
    let of = after("for=").map_or(MediaType::Json, |text| {
        // A plan of a plan is none.
        match MediaType::parse_flat(text.trim_matches('"')) {
            MediaType::Plan(_) => MediaType::Json,
            other => other,
        }
    });
    let options = OPTIONS.iter().filter(|(name, _)| asked.contains(name));
    let options = options.map(|(_, option)| *option).collect();
    MediaType::Plan(Box::new(PlanType { of, as_json, options }))
}

impl MediaType {
    /// Without going into what a plan is of.
    fn parse_flat(text: &str) -> Self {
        if text.starts_with("application/vnd.pgrst.plan") { Self::Json } else { Self::parse(text) }
    }
}

/// What is accepted, the most wanted first.
pub(super) fn accepted(headers: &HeaderMap) -> Vec<MediaType> {
    let mut wanted: Vec<(f32, MediaType)> = Vec::new();
    for value in headers.get_all(header::ACCEPT) {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        for one in split_outside_quotes(&text) {
            let one = one.trim();
            if one.is_empty() {
                continue;
            }
            wanted.push((quality(one), MediaType::parse(&without_quality(one))));
        }
    }
    if wanted.is_empty() {
        return vec![MediaType::Any];
    }
    // Stable, so that the order of the header decides between equals.
    wanted.sort_by(|(one, _), (another, _)| another.total_cmp(one));
    wanted.into_iter().map(|(_, media)| media).collect()
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|seen: char| {
        is_quoted ^= seen == '"';
        seen == ',' && !is_quoted
    })
    .collect()
}

fn quality(text: &str) -> f32 {
    let parameters = text.split(';').skip(1).map(str::trim);
    let quality = parameters.filter_map(|one| one.strip_prefix("q=")).next();
    quality.and_then(|text| text.trim().parse().ok()).unwrap_or(1.0)
}

fn without_quality(text: &str) -> String {
    let kept = text.split(';').filter(|one| !one.trim().starts_with("q="));
    kept.collect::<Vec<_>>().join(";")
}

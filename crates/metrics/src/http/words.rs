//! The words that labels are made of; there are so many and no more.

/// Methods that are told apart.
pub(super) const METHODS: [&str; 8] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"];

/// Statuses by their first digit.
pub const FAMILIES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Statuses that are told apart; a database may make up others.
pub(super) const CODES: [u16; 36] = [
    200, 201, 202, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406,
    408, 409, 410, 411, 412, 413, 414, 415, 416, 422, 429, 499, 500, 501, 502, 503, 504,
];

pub(super) fn method_place(method: &str) -> usize {
    METHODS.iter().position(|known| *known == method).unwrap_or(METHODS.len() - 1)
}

/// Where a status is among the families; what has no family of its own is in the nearest.
pub fn family_place(status: u16) -> usize {
    usize::from(status / 100).clamp(1, FAMILIES.len()) - 1
}

pub(super) fn code_place(status: u16) -> usize {
    CODES.binary_search(&status).unwrap_or_else(|_rare| CODES.len() + family_place(status))
}

/// The status of a place, and its family.
pub(super) fn code_words(place: usize) -> (String, &'static str) {
    match CODES.get(place) {
        Some(code) => (code.to_string(), FAMILIES[family_place(*code)]),
        None => ("other".to_owned(), FAMILIES[place - CODES.len()]),
    }
}

/// What a route is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Gateway,
    Management,
    Schema,
    Storage,
    Provision,
    Admin,
    Backup,
    Pipelines,
    Metadata,
    Metrics,
    Health,
    Other,
}

/// The longest first where one is a part of another.
const BEGINNINGS: [(&str, Group); 27] = [
    ("/admin/backups", Group::Backup),
    ("/admin/provision", Group::Provision),
    ("/management/provision", Group::Provision),
    ("/admin", Group::Admin),
    ("/api/v1/datasources", Group::Admin),
    ("/management", Group::Management),
    ("/gateway", Group::Gateway),
    ("/rest", Group::Gateway),
    ("/rpc", Group::Gateway),
    ("/data", Group::Gateway),
    ("/query", Group::Gateway),
    ("/public", Group::Gateway),
    ("/schema", Group::Schema),
    ("/storage", Group::Storage),
    ("/pipelines", Group::Pipelines),
    ("/metrics", Group::Metrics),
    ("/ping", Group::Health),
    ("/health", Group::Health),
    ("/ready", Group::Health),
    ("/openapi", Group::Metadata),
    ("/docs", Group::Metadata),
    ("/router", Group::Metadata),
    ("/registry", Group::Metadata),
    ("/clients", Group::Metadata),
    ("/wss/info", Group::Metadata),
    ("/api/athena/capabilities", Group::Metadata),
    ("/wss", Group::Gateway),
];

impl Group {
    pub const ALL: [Self; 12] = [
        Self::Gateway,
        Self::Management,
        Self::Schema,
        Self::Storage,
        Self::Provision,
        Self::Admin,
        Self::Backup,
        Self::Pipelines,
        Self::Metadata,
        Self::Metrics,
        Self::Health,
        Self::Other,
    ];

    pub fn of(path: &str) -> Self {
        let begins = |first: &str| {
            path.strip_prefix(first)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.', '-']))
        };
        BEGINNINGS.iter().find(|(first, _)| begins(first)).map_or(Self::Other, |(_, group)| *group)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Management => "management",
            Self::Schema => "schema",
            Self::Storage => "storage",
            Self::Provision => "provision",
            Self::Admin => "admin",
            Self::Backup => "backup",
            Self::Pipelines => "pipelines",
            Self::Metadata => "metadata",
            Self::Metrics => "metrics",
            Self::Health => "health",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_in_order_and_strange_ones_share_a_place() {
        assert!(CODES.is_sorted());
        assert_eq!(code_words(code_place(404)), ("404".to_owned(), "4xx"));
        assert_eq!(code_words(code_place(418)), ("other".to_owned(), "4xx"));
        assert_eq!(code_place(418), code_place(477));
        for odd in [0, 99, 600, 999] {
            assert!(code_place(odd) < CODES.len() + FAMILIES.len());
        }
    }

    #[test]
    fn a_route_is_of_one_group() {
        for (path, group) in [
            ("/gateway/fetch", Group::Gateway),
            ("/rest/v1/{relation}", Group::Gateway),
            ("/admin/provision/status", Group::Provision),
            ("/admin/api-keys", Group::Admin),
            ("/openapi.yaml", Group::Metadata),
            ("/metrics", Group::Metrics),
            ("/", Group::Other),
            ("/datastore", Group::Other),
        ] {
            assert_eq!(Group::of(path), group, "{path}");
        }
        assert!(Group::ALL.into_iter().enumerate().all(|(place, group)| group as usize == place));
    }
}

//! How values and whole results change their form: casts of domains, and handlers of media types.

use catalog::QualifiedName;

/// An implicit cast between a domain and `json` or `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataRepresentation {
    pub source: String,
    pub target: String,
    /// The function as the catalog writes it: qualified, and quoted where needed.
    pub function: String,
}

/// A function or aggregate that turns rows into a media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaHandler {
    pub target: HandlerTarget,
    /// In lower case; `*/*` for a handler of anything.
    pub media_type: String,
    /// What the answer is called: `application/octet-stream` for `*/*`.
    pub resolved: String,
    /// The aggregate to apply; for a function that is the handler itself, its return type.
    pub function: QualifiedName,
}

/// What a handler can be applied to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HandlerTarget {
    AnyElement,
    /// A relation, or the routine that answers the media type.
    Named(QualifiedName),
}

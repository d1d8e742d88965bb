//! Casts of domains and handlers of media types.

use super::{
    qualified,
    rows::{MediaHandlerRow, RepresentationRow},
};
use postgrest::schema::{DataRepresentation, HandlerTarget, MediaHandler};

pub(super) fn representation(row: RepresentationRow) -> DataRepresentation {
    DataRepresentation { source: row.source, target: row.target, function: row.function }
}

pub(super) fn handler(row: MediaHandlerRow) -> Option<MediaHandler> {
    let target = match (&row.target_schema, &row.target_name) {
        (Some(schema), Some(name)) => HandlerTarget::Named(qualified(schema, name)?),
        _ => HandlerTarget::AnyElement,
    };
    // Nobody knows what a handler of anything answers, except bytes.
    let resolved = if row.media_type == "*/*" {
        "application/octet-stream".to_owned()
    } else {
        row.media_type.clone()
    };
    Some(MediaHandler {
        target,
        function: qualified(&row.function_schema, &row.function_name)?,
        media_type: row.media_type.to_lowercase(),
        resolved,
    })
}

//! The first accepted media type that can be answered, and what makes it of the rows.

use super::ReadNode;
use crate::{
    OpenApiMode, RestConfig, RestError,
    request::{
        Action, Call, Request,
        media::{MediaType, PlanType},
        prefer::Representation,
    },
    schema::{HandlerTarget, SchemaCache},
};
use catalog::QualifiedName;

/// What turns the rows into the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handler {
    /// There is no body.
    Nothing,
    Builtin(Builtin),
    /// An aggregate or a type of the database's.
    Custom {
        function: QualifiedName,
        target: HandlerTarget,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    Json { strips_nulls: bool },
    Object { strips_nulls: bool },
    Csv,
    GeoJson,
}

/// What handlers can be made for.
pub(super) struct Target {
    name: QualifiedName,
    /// Handlers of a relation need its whole rows.
    is_whole: bool,
}

pub(super) fn target(read: &ReadNode, name: QualifiedName) -> Target {
    Target { name, is_whole: read.is_default() }
}

pub(super) fn choose(
    request: &Request,
    cache: &SchemaCache,
    config: &RestConfig,
    target: &Target,
) -> Result<(Handler, MediaType), RestError> {
    let picked = request.accepts.iter().find_map(|media| picked(media, cache, config, target));
    let Some((handler, media)) = picked else {
        return Err(none_of(&request.accepts));
    };
    let has_body = match &request.action {
        Action::Write { .. } => request.preferences.representation == Some(Representation::Full),
        Action::Read { only_headers, .. } => !only_headers,
        Action::Call { call, .. } => *call != Call::Head,
        Action::Describe { .. } | Action::Options(_) => true,
    };
    Ok((if has_body { handler } else { Handler::Nothing }, media))
}

fn none_of(accepts: &[MediaType]) -> RestError {
    RestError::MediaType { accepted: accepts.iter().map(MediaType::name).collect() }
}

fn picked(
    media: &MediaType,
    cache: &SchemaCache,
    config: &RestConfig,
    target: &Target,
) -> Option<(Handler, MediaType)> {
    // Types with parameters of ours cannot be replaced by handlers of the database's.
    match media {
        MediaType::Object { strips_nulls } => {
            let builtin = Builtin::Object { strips_nulls: *strips_nulls };
            Some((Handler::Builtin(builtin), media.clone()))
        }
        MediaType::ArrayStripped => {
            Some((Handler::Builtin(Builtin::Json { strips_nulls: true }), media.clone()))
        }
        MediaType::Plan(_) if !config.plan_enabled => None,
        MediaType::Plan(plan) => {
            let PlanType { of, .. } = plan.as_ref();
            let (handler, _) = picked(of, cache, config, target)?;
            Some((handler, media.clone()))
        }
        other => of_database(other, cache, target).or_else(|| builtin(other)),
    }
}

fn of_database(
    media: &MediaType,
    cache: &SchemaCache,
    target: &Target,
) -> Option<(Handler, MediaType)> {
    let named = HandlerTarget::Named(target.name.clone());
    let name = media.name();
    let of_target = |media_type: &str| {
        let handler = target.is_whole.then(|| cache.media_handler(&named, media_type));
        handler.flatten()
    };
    let handler = of_target("*/*")
        .or_else(|| of_target(&name))
        .or_else(|| cache.media_handler(&HandlerTarget::AnyElement, &name))?;
    let custom =
        Handler::Custom { function: handler.function.clone(), target: handler.target.clone() };
    Some((custom, MediaType::parse(&handler.resolved)))
}

fn builtin(media: &MediaType) -> Option<(Handler, MediaType)> {
    let (builtin, media) = match media {
        MediaType::Json | MediaType::Any => {
            (Builtin::Json { strips_nulls: false }, MediaType::Json)
        }
        MediaType::Csv => (Builtin::Csv, MediaType::Csv),
        MediaType::GeoJson => (Builtin::GeoJson, MediaType::GeoJson),
        _ => return None,
    };
    Some((Handler::Builtin(builtin), media))
}

/// The document is JSON, under a name of its own or not.
pub(super) fn document(request: &Request, config: &RestConfig) -> Result<(), RestError> {
    let is_json =
        |media: &MediaType| matches!(media, MediaType::OpenApi | MediaType::Json | MediaType::Any);
    if !request.accepts.iter().any(is_json) {
        return Err(none_of(&request.accepts));
    }
    if config.openapi_mode == OpenApiMode::Disabled {
        return Err(RestError::DocumentOff);
    }
    Ok(())
}

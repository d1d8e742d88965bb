//! What keys, their rights and people are asked with.

use super::{flag, number, query, text};
use crate::routes::Route;
use http::Method;
use utoipa::openapi::path::{Parameter, ParameterBuilder};

pub(super) fn body(route: &Route) -> Option<&'static str> {
    if route.method == Method::DELETE {
        return None;
    }
    Some(match route.path {
        "/admin/api-keys" => "KeyWanted",
        "/admin/api-keys/{id}" => "KeyEdit",
        "/admin/api-keys/{id}/rotate" | "/admin/admin-key/rotate" => "Overlap",
        "/admin/api-key-rights" | "/admin/api-key-rights/{id}" => "RightWanted",
        "/admin/api-key-config" | "/admin/api-key-clients/{client}" => "Enforcement",
        "/admin/users" => "UserWanted",
        "/admin/users/{id}" => "UserEdit",
        "/admin/users/{id}/invite" => "Invitation",
        "/admin/organizations" | "/admin/organizations/{id}" => "OrganizationWanted",
        "/admin/organizations/{id}/members/{user}" => "Scopes",
        _ => return None,
    })
}

pub(super) fn uses_query() -> Vec<Parameter> {
    let all = [
        ("client", "The client it was shown for", text()),
        ("public_id", "The key's public id", text()),
        ("request_id", "The request's id", text()),
        ("reason", "What came of it, in a word", text()),
        ("remote_addr", "Where it came from", text()),
        ("authenticated", "Whether the key was right", flag()),
        ("authorized", "Whether it was enough", flag()),
        ("since", "Not before this moment", text()),
        ("until", "Before this moment", text()),
        ("limit", "How many", number(1, 500)),
        ("offset", "How many to skip", number(0, u32::MAX)),
    ];
    let parameters = all.into_iter().map(|(name, what, schema)| query(name, what, schema));
    parameters.map(ParameterBuilder::build).collect()
}

//! The surface's settings as they were written, and what becomes of them.

use super::{OpenApiMode, Rest, TxEnd};
use crate::{
    Environment, Mistake, Secret,
    fields::Fields,
    node::{Kind, Place},
    resolve::expanded,
};
use std::path::Path;

impl Rest {
    pub(crate) fn with_mode(postgrest_mode: Option<bool>) -> Self {
        let default = Self::default();
        Self { postgrest_mode: postgrest_mode.unwrap_or(default.postgrest_mode), ..default }
    }
}

#[derive(Default)]
pub(crate) struct RawRest {
    place: Place,
    postgrest_mode: Option<bool>,
    schemas: Option<Vec<String>>,
    extra_search_path: Option<Vec<String>>,
    anon_role: Option<String>,
    jwt_secret: Option<Secret>,
    jwt_secret_is_base64: Option<bool>,
    jwt_aud: Option<String>,
    jwt_role_claim_key: Option<String>,
    jwt_only: Option<bool>,
    max_rows: Option<Option<u64>>,
    aggregates_enabled: Option<bool>,
    plan_enabled: Option<bool>,
    tx_end: Option<String>,
    pre_request: Option<String>,
    openapi_mode: Option<String>,
    app_settings: Vec<(String, Secret)>,
    hoisted_tx_settings: Option<Vec<String>>,
}

impl RawRest {
    pub(crate) fn read(mut fields: Fields<'_, '_>, place: Place) -> Self {
        let raw = Self {
            place,
            postgrest_mode: fields.flag("rest_postgrest_mode"),
            schemas: fields.texts("schemas"),
            extra_search_path: fields.texts("extra_search_path"),
            anon_role: fields.text("anon_role"),
            jwt_secret: fields.secret("jwt_secret"),
            jwt_secret_is_base64: fields.flag("jwt_secret_is_base64"),
            jwt_aud: fields.text("jwt_aud"),
            jwt_role_claim_key: fields.text("jwt_role_claim_key"),
            jwt_only: fields.flag("jwt_only"),
            max_rows: fields.limit("max_rows", 1..=1 << 40),
            aggregates_enabled: fields.flag("aggregates_enabled"),
            plan_enabled: fields.flag("plan_enabled"),
            tx_end: fields.text("tx_end"),
            pre_request: fields.text("pre_request"),
            openapi_mode: fields.text("openapi_mode"),
            app_settings: app_settings(&mut fields),
            hoisted_tx_settings: fields.texts("hoisted_tx_settings"),
        };
        fields.finish();
        raw
    }

    /// What a client says itself, and for the rest what holds for every client.
    pub(crate) fn resolve(
        self,
        common: &Rest,
        what: &str,
        folder: &Path,
        environment: &Environment,
        mistakes: &mut Vec<Mistake>,
    ) -> Rest {
        let place = self.place;
        let secret = self.jwt_secret.and_then(|secret| {
            let what = format!("{what}.jwt_secret");
            let secret = expanded(secret, &what, place, environment, mistakes)?;
            from_file(secret, &what, folder, place, mistakes)
        });
        let mut app_settings = common.app_settings.clone();
        for (name, value) in self.app_settings {
            let what = format!("{what}.app_settings.{name}");
            let Some(value) = expanded(value, &what, place, environment, mistakes) else {
                continue;
            };
            app_settings.retain(|(other, _)| *other != name);
            app_settings.push((name, value.expose().to_owned()));
        }
        let mut refuse = |message: &str| {
            mistakes.push(Mistake::new(format!("{what}.{message}")).at(place));
        };
        let tx_end = match self.tx_end.as_deref() {
            None => common.tx_end,
            Some(text) => TxEnd::parse(text).unwrap_or_else(|| {
                refuse(
                    "tx_end must be commit, commit-allow-override, rollback or \
                     rollback-allow-override",
                );
                common.tx_end
            }),
        };
        let openapi_mode = match self.openapi_mode.as_deref() {
            None => common.openapi_mode,
            Some(text) => OpenApiMode::parse(text).unwrap_or_else(|| {
                refuse("openapi_mode must be follow-privileges, ignore-privileges or disabled");
                common.openapi_mode
            }),
        };
        let schemas = match self.schemas {
            Some(schemas) if schemas.is_empty() => {
                refuse("schemas must be any, or name one schema at least");
                None
            }
            Some(schemas) if schemas == ["any"] => Some(Vec::new()),
            schemas => schemas,
        };
        let rest = Rest {
            postgrest_mode: self.postgrest_mode.unwrap_or(common.postgrest_mode),
            schemas: schemas.unwrap_or_else(|| common.schemas.clone()),
            extra_search_path: self
                .extra_search_path
                .unwrap_or_else(|| common.extra_search_path.clone()),
            anon_role: self.anon_role.or_else(|| common.anon_role.clone()),
            jwt_secret: secret.or_else(|| common.jwt_secret.clone()),
            jwt_secret_is_base64: self.jwt_secret_is_base64.unwrap_or(common.jwt_secret_is_base64),
            jwt_aud: self.jwt_aud.or_else(|| common.jwt_aud.clone()),
            jwt_role_claim_key: self
                .jwt_role_claim_key
                .unwrap_or_else(|| common.jwt_role_claim_key.clone()),
            jwt_only: self.jwt_only.unwrap_or(common.jwt_only),
            max_rows: self.max_rows.unwrap_or(common.max_rows),
            aggregates_enabled: self.aggregates_enabled.unwrap_or(common.aggregates_enabled),
            plan_enabled: self.plan_enabled.unwrap_or(common.plan_enabled),
            tx_end,
            pre_request: self.pre_request.or_else(|| common.pre_request.clone()),
            openapi_mode,
            app_settings,
            hoisted_tx_settings: self
                .hoisted_tx_settings
                .unwrap_or_else(|| common.hoisted_tx_settings.clone()),
        };
        if rest.jwt_only && rest.jwt_secret.is_none() {
            refuse("jwt_only needs a jwt_secret");
        }
        rest
    }
}

/// `@path`: the secret is what the file holds.
fn from_file(
    secret: Secret,
    what: &str,
    folder: &Path,
    place: Place,
    mistakes: &mut Vec<Mistake>,
) -> Option<Secret> {
    let Some(path) = secret.expose().strip_prefix('@') else { return Some(secret) };
    match std::fs::read_to_string(folder.join(path)) {
        Ok(text) => Some(Secret::new(text.trim_end())),
        Err(error) => {
            let message = format!("{what}: the file cannot be read ({})", error.kind());
            mistakes.push(Mistake::new(message).at(place));
            None
        }
    }
}

fn app_settings(fields: &mut Fields<'_, '_>) -> Vec<(String, Secret)> {
    let Some(node) = fields.take("app_settings") else { return Vec::new() };
    let entries = Fields::of(node, "app_settings", fields.mistakes()).rest();
    let mut settings = Vec::new();
    for entry in entries {
        match &entry.node.kind {
            Kind::Text(text) | Kind::Number(text) => {
                settings.push((entry.name.clone(), Secret::new(text.as_str())));
            }
            _ => fields.refuse("app_settings", "must be a map of texts", entry.place),
        }
    }
    settings
}

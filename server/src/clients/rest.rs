//! A client's settings of the PostgREST surface in the gateway's words.

use gateway::{JwtSettings, OpenApiMode, RestOptions, RestSettings, RestSetupError, TxEnd};

pub(crate) fn settings(rest: &settings::Rest) -> Result<RestSettings, RestSetupError> {
    let options = RestOptions {
        postgrest_mode: rest.postgrest_mode,
        schemas: rest.schemas.clone(),
        extra_search_path: rest.extra_search_path.clone(),
        anon_role: rest.anon_role.clone(),
        max_rows: rest.max_rows,
        aggregates_enabled: rest.aggregates_enabled,
        plan_enabled: rest.plan_enabled,
        tx_end: match rest.tx_end {
            settings::TxEnd::Commit => TxEnd::Commit,
            settings::TxEnd::CommitAllowOverride => TxEnd::CommitAllowOverride,
            settings::TxEnd::Rollback => TxEnd::Rollback,
            settings::TxEnd::RollbackAllowOverride => TxEnd::RollbackAllowOverride,
        },
        pre_request: rest.pre_request.clone(),
        openapi_mode: match rest.openapi_mode {
            settings::OpenApiMode::FollowPrivileges => OpenApiMode::FollowPrivileges,
            settings::OpenApiMode::IgnorePrivileges => OpenApiMode::IgnorePrivileges,
            settings::OpenApiMode::Disabled => OpenApiMode::Disabled,
        },
        app_settings: rest.app_settings.clone(),
        hoisted_tx_settings: rest.hoisted_tx_settings.clone(),
    };
    let jwt = rest.jwt_secret.as_ref().map(|secret| JwtSettings {
        secret: secret.expose().to_owned(),
        is_base64: rest.jwt_secret_is_base64,
        audience: rest.jwt_aud.clone(),
        role_claim: rest.jwt_role_claim_key.clone(),
        only: rest.jwt_only,
    });
    RestSettings::new(options, jwt.as_ref())
}

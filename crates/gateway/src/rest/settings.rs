//! How one client answers on the PostgREST surface.

use auth::jwt::{JwtSetupError, JwtVerifier, RoleClaim};
use catalog::{Ident, QualifiedName};
use postgrest::{OpenApiMode, RestConfig, TxEnd, schema::Scope};
use std::{fmt, sync::Arc};

/// The keys that tokens are checked with, as text.
#[derive(Clone)]
pub struct JwtSettings {
    /// A secret, a JWK or a set of them.
    pub secret: String,
    pub is_base64: bool,
    pub audience: Option<String>,
    /// A path such as `.role`.
    pub role_claim: String,
    /// A token alone opens the door; no API key is asked for.
    pub only: bool,
}

/// Plain settings of the surface, for one client. The texts of `app_settings` may be secrets, so they
/// have no Debug.
#[derive(Clone)]
pub struct RestOptions {
    /// PostgREST's contract; otherwise the older answers.
    pub postgrest_mode: bool,
    /// The exposed schemas, the first of them the default one; any, when there are none here, no
    /// token and no role.
    pub schemas: Vec<String>,
    pub extra_search_path: Vec<String>,
    /// The role of requests without a token; the connection's own when there is none.
    pub anon_role: Option<String>,
    pub max_rows: Option<u64>,
    pub aggregates_enabled: bool,
    pub plan_enabled: bool,
    pub tx_end: TxEnd,
    /// A function that is called before each statement, with its schema.
    pub pre_request: Option<String>,
    pub openapi_mode: OpenApiMode,
    pub app_settings: Vec<(String, String)>,
    pub hoisted_tx_settings: Vec<String>,
}

impl Default for RestOptions {
    fn default() -> Self {
        let scope = Scope::of("public");
        Self {
            postgrest_mode: true,
            schemas: Vec::new(),
            extra_search_path: scope.extra_search_path,
            anon_role: None,
            max_rows: None,
            aggregates_enabled: false,
            plan_enabled: false,
            tx_end: TxEnd::Commit,
            pre_request: None,
            openapi_mode: OpenApiMode::FollowPrivileges,
            app_settings: Vec::new(),
            hoisted_tx_settings: scope.hoisted_settings,
        }
    }
}

impl RestOptions {
    pub(super) fn config(&self, schemas: Vec<String>) -> RestConfig {
        RestConfig {
            schemas,
            extra_search_path: self.extra_search_path.clone(),
            max_rows: self.max_rows,
            aggregates_enabled: self.aggregates_enabled,
            plan_enabled: self.plan_enabled,
            tx_end: self.tx_end,
            openapi_mode: self.openapi_mode,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestSetupError {
    #[error(transparent)]
    Jwt(#[from] JwtSetupError),
    #[error("the function before each request must be named with its schema, as in auth.check")]
    PreRequest,
}

/// What was checked of them. Holds keys, so only a part of it can be printed.
#[derive(Clone, Default)]
pub struct RestSettings {
    pub(crate) options: RestOptions,
    /// As far as the language needs to know them; `None` when requests name their schema.
    pub(crate) config: Option<Arc<RestConfig>>,
    pub(crate) verifier: Option<JwtVerifier>,
    pub(crate) jwt_only: bool,
    pub(crate) before: Option<QualifiedName>,
}

impl RestSettings {
    pub fn new(options: RestOptions, jwt: Option<&JwtSettings>) -> Result<Self, RestSetupError> {
        let verifier = |jwt: &JwtSettings| {
            let role_claim = RoleClaim::parse(&jwt.role_claim)?;
            JwtVerifier::new(&jwt.secret, jwt.is_base64, jwt.audience.clone(), role_claim)
        };
        let before = options.pre_request.as_deref().map(qualified).transpose()?;
        let jwt_only = jwt.is_some_and(|jwt| jwt.only);
        let is_open = options.schemas.is_empty() && options.anon_role.is_none() && jwt.is_none();
        let config = (!is_open).then(|| match options.schemas.is_empty() {
            // What tokens and roles may reach was meant to be said.
            true => options.config(vec!["public".to_owned()]),
            false => options.config(options.schemas.clone()),
        });
        let config = config.map(Arc::new);
        Ok(Self { verifier: jwt.map(verifier).transpose()?, jwt_only, before, config, options })
    }
}

fn qualified(text: &str) -> Result<QualifiedName, RestSetupError> {
    let (schema, name) = text.split_once('.').ok_or(RestSetupError::PreRequest)?;
    let ident = |text| Ident::parse(text).map_err(|_| RestSetupError::PreRequest);
    Ok(QualifiedName::new(ident(schema)?, ident(name)?))
}

impl fmt::Debug for RestSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestSettings")
            .field("schemas", &self.options.schemas)
            .field("has_jwt", &self.verifier.is_some())
            .finish_non_exhaustive()
    }
}

//! The shapes that operations share.

use utoipa::openapi::{
    ArrayBuilder, Components, ComponentsBuilder, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat,
    Type,
    schema::{AdditionalProperties, AnyOfBuilder},
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};

/// Where a key may stand, the one that must not stand in an address last.
pub(super) const CARRIERS: [&str; 5] = ["athenaKey", "apikey", "xApiKey", "bearer", "keyInAddress"];

pub(super) fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

pub(super) fn flag() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Boolean).into()
}

pub(super) fn number(least: u32, most: u32) -> RefOr<Schema> {
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    number.minimum(Some(f64::from(least))).maximum(Some(f64::from(most))).into()
}

pub(super) fn words(words: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied())).into()
}

pub(super) fn uuid() -> RefOr<Schema> {
    let format = SchemaFormat::Custom("uuid".to_owned());
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
}

pub(super) fn client_name() -> RefOr<Schema> {
    pattern("^[A-Za-z0-9._-]{1,128}$")
}

/// A header of these words, in any case; a blank one counts as not sent.
pub(super) fn header_words(words: &[&str]) -> RefOr<Schema> {
    let any_case = |word: &&str| -> String {
        let both = |c: char| match c {
            c if c.is_ascii_alphabetic() => {
                format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase())
            }
            c => c.to_string(),
        };
        word.chars().map(both).collect()
    };
    let words: Vec<String> = words.iter().map(any_case).collect();
    pattern(&format!("^( *|{})$", words.join("|")))
}

pub(super) fn switch() -> RefOr<Schema> {
    header_words(&["true", "false", "1", "0", "yes", "no", "on", "off"])
}

/// Milliseconds; what is too little or too much counts as the nearest that is possible.
pub(super) fn window() -> RefOr<Schema> {
    pattern("^( *|-?[0-9]+)$")
}

pub(super) fn write_key() -> RefOr<Schema> {
    pattern("^[!-~]{0,255}$")
}

pub(super) fn anything() -> RefOr<Schema> {
    RefOr::T(utoipa::openapi::schema::empty())
}

/// An object that is described elsewhere.
pub(super) fn object_of_anything() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Object).into()
}

fn pattern(pattern: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
}

fn named(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

fn list(of: RefOr<Schema>) -> RefOr<Schema> {
    ArrayBuilder::new().items(of).into()
}

/// An object; a name with a mark of exclamation behind it must be there.
fn object<const N: usize>(fields: [(&str, RefOr<Schema>); N]) -> ObjectBuilder {
    let mut object = ObjectBuilder::new().schema_type(Type::Object);
    for (name, schema) in fields {
        let (name, is_required) = match name.strip_suffix('!') {
            Some(name) => (name, true),
            None => (name, false),
        };
        object = object.property(name, schema);
        if is_required {
            object = object.required(name);
        }
    }
    object
}

/// An object of which only the first fields are told.
fn open<const N: usize>(fields: [(&str, RefOr<Schema>); N]) -> RefOr<Schema> {
    object(fields).into()
}

/// An object without any other field.
fn closed<const N: usize>(fields: [(&str, RefOr<Schema>); N]) -> RefOr<Schema> {
    object(fields)
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        .into()
}

fn any_of<const N: usize>(schemas: [RefOr<Schema>; N]) -> RefOr<Schema> {
    schemas.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).into()
}

pub(super) fn components() -> Components {
    let mut components = ComponentsBuilder::new();
    for (name, schema) in asked().into_iter().chain(answered()) {
        components = components.schema(name, schema);
    }
    let header = |name: &str| SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name)));
    let [athena, apikey, x_api_key, bearer, address] = CARRIERS;
    components
        .security_scheme(athena, header("X-Athena-Key"))
        .security_scheme(apikey, header("apikey"))
        .security_scheme(x_api_key, header("X-Api-Key"))
        .security_scheme(bearer, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
        .security_scheme(
            address,
            SecurityScheme::ApiKey(ApiKey::Query(ApiKeyValue::new("api_key"))),
        )
        .build()
}

fn row() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Object).into()
}

fn names() -> RefOr<Schema> {
    any_of([text(), list(text())])
}

/// What bodies look like. Other spellings are understood as well.
#[expect(clippy::too_many_lines, reason = "one list of what bodies look like")]
fn asked() -> Vec<(&'static str, RefOr<Schema>)> {
    let size = || number(0, u32::MAX);
    let table = || ("table_name!", text());
    let conditions = || ("conditions", list(named("Condition")));
    vec![
        ("Condition", open([("column", text()), ("operator", text()), ("value", anything())])),
        (
            "Fetch",
            open([
                table(),
                ("columns", names()),
                conditions(),
                ("limit", size()),
                ("offset", size()),
                ("current_page", size()),
                ("page_size", size()),
                ("sort_by", any_of([row(), null()])),
                ("count", words(&["exact"])),
                ("strip_nulls", flag()),
            ]),
        ),
        (
            "Insert",
            open([
                table(),
                ("insert_body!", any_of([row(), list(row())])),
                ("update_body", row()),
                ("on_conflict", names()),
                ("columns", names()),
            ]),
        ),
        (
            "Update",
            open([
                table(),
                ("set", row()),
                ("data", row()),
                ("update_body", row()),
                conditions(),
                ("columns", names()),
                ("limit", any_of([size(), null()])),
                ("offset", any_of([size(), null()])),
                ("sort_by", any_of([row(), null()])),
            ]),
        ),
        (
            "Delete",
            open([
                table(),
                ("resource_id", any_of([text(), size()])),
                conditions(),
                ("columns", names()),
                ("limit", any_of([size(), null()])),
                ("offset", any_of([size(), null()])),
                ("sort_by", any_of([row(), null()])),
            ]),
        ),
        ("Query", open([("query!", text()), ("params", list(anything()))])),
        (
            "Sql",
            open([
                ("query!", text()),
                ("driver", text()),
                ("db_name", text()),
                ("params", list(anything())),
            ]),
        ),
        (
            "Count",
            open([
                ("table_name", text()),
                ("table_schema", text()),
                ("query", any_of([text(), null()])),
            ]),
        ),
        (
            "Rpc",
            open([("function!", text()), ("schema", text()), ("args", row()), ("select", text())]),
        ),
        ("Arguments", row()),
        ("Transaction", open([("operations!", list(row())), ("options", row())])),
        (
            "ImportWanted",
            closed([
                ("name", text()),
                ("remoteSchema", text()),
                ("include", list(text())),
                ("exclude", list(text())),
                ("rename", row()),
                ("primaryKey", list(text())),
                ("types", row()),
                ("writable", flag()),
            ]),
        ),
        (
            "AdmissionLimits",
            closed([
                ("enabled", flag()),
                ("window_secs", number(1, 3_600)),
                ("global_requests_per_window", number(0, 1_000_000_000)),
                ("per_client_requests_per_window", number(0, 1_000_000_000)),
                ("per_identity_requests_per_window", number(0, 1_000_000_000)),
                ("clients", row()),
                ("defer_on_limit_enabled", flag()),
                ("defer_route_prefixes", list(text())),
            ]),
        ),
        ("ClientConfig", closed([("config!", row()), ("metadata", row())])),
        ("Seed", closed([("overwrite", flag())])),
        (
            "PublicRoute",
            closed([
                ("route_key", text()),
                ("client_name", client_name()),
                ("allowed_ops", list(words(&["query", "fetch", "insert", "update", "delete"]))),
                ("is_active", flag()),
                ("metadata", row()),
                ("table_name", text()),
                ("any_table", flag()),
                ("columns", list(text())),
                ("forced_conditions", list(row())),
                ("max_limit", number(1, u32::MAX)),
                ("saved_query", text()),
                ("allow_raw_sql", flag()),
            ]),
        ),
        (
            "KeyEdit",
            closed([
                ("name", text()),
                ("description", any_of([text(), null()])),
                ("client_name", any_of([text(), null()])),
                ("expires_at", any_of([text(), null()])),
                ("is_active", flag()),
                ("rights", list(text())),
            ]),
        ),
        (
            "UserWanted",
            closed([
                ("email!", text()),
                ("display_name", any_of([text(), null()])),
                ("role", words(&["admin", "member"])),
            ]),
        ),
        (
            "UserEdit",
            closed([
                ("display_name", any_of([text(), null()])),
                ("role", words(&["admin", "member"])),
                ("is_active", flag()),
            ]),
        ),
        (
            "OrganizationWanted",
            closed([("name", text()), ("company_id", any_of([text(), null()]))]),
        ),
        ("Invitation", closed([("expires_in_seconds", number(1, 2_592_000))])),
        ("Scopes", closed([("scopes!", list(text()))])),
        ("Overlap", closed([("overlap_seconds", number(0, 2_592_000))])),
        ("RightWanted", closed([("name!", text()), ("description", any_of([text(), null()]))])),
        ("Enforcement", closed([("enforce_api_keys!", flag())])),
        (
            "KeyWanted",
            closed([
                ("name!", text()),
                ("description", text()),
                ("client_name", text()),
                ("expires_at", text()),
                ("rights", list(text())),
            ]),
        ),
        (
            "Datasource",
            closed([
                ("name", client_name()),
                ("label", text()),
                ("driver", text()),
                ("schemaMode", words(&["managed", "external", "validate-only"])),
                ("config", row()),
                ("pool", row()),
                ("ssl", row()),
                ("external", row()),
                ("active", flag()),
                ("secret", any_of([text(), row()])),
            ]),
        ),
        (
            "ClientWanted",
            closed([
                ("client_name", client_name()),
                ("description", text()),
                ("pg_uri", text()),
                ("pg_uri_env_var", text()),
                ("is_active", flag()),
            ]),
        ),
        ("Freeze", closed([("is_frozen!", flag())])),
    ]
}

fn answered() -> Vec<(&'static str, RefOr<Schema>)> {
    let status = |word: &str| ("status!", words(&[word]));
    let success = || status("success");
    let listing = |name: &'static str| open([success(), ("message!", text()), (name, list(row()))]);
    vec![
        ("Success", open([success(), ("message!", text())])),
        (
            "Envelope",
            open([
                success(),
                ("message!", text()),
                ("data!", any_of([named("Rows"), row(), null()])),
                ("count", number(0, u32::MAX)),
            ]),
        ),
        ("Rows", list(row())),
        ("Answer", any_of([named("Envelope"), named("Rows"), row(), null()])),
        (
            "Failure",
            open([
                status("error"),
                ("code!", text()),
                ("message!", text()),
                ("error!", text()),
                ("status_code!", number(400, 599)),
                ("trace_id", text()),
                ("request_id", text()),
                ("details", row()),
                ("hint", text()),
            ]),
        ),
        ("Tables", listing("tables!")),
        ("Columns", listing("columns!")),
        ("Constraints", listing("constraints!")),
        ("Migrations", listing("migrations!")),
        ("Clients", open([success(), ("message!", text()), ("clients!", list(text()))])),
        (
            "Routes",
            list(open([
                ("path!", text()),
                ("methods!", list(text())),
                ("summary!", text()),
                ("mounts!", list(text())),
            ])),
        ),
        (
            "ApiEntry",
            open([
                ("api_registry_id!", uuid()),
                ("name!", text()),
                ("description!", any_of([text(), null()])),
                ("created_at!", text()),
                ("updated_at!", text()),
                ("config", anything()),
            ]),
        ),
        ("ApiEntries", list(named("ApiEntry"))),
        ("Capabilities", open([("athena!", flag()), ("capabilities!", row())])),
        ("Document", open([("openapi!", text()), ("paths!", row())])),
    ]
}

fn null() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Null).into()
}

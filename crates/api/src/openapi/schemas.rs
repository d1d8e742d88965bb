//! The shapes that operations share.

mod asked;
mod headers;

pub(super) use headers::{header_words, switch, window, write_key};

use asked::asked;
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

fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    any_of([schema, null()])
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

//! Clients, by the older routes: a connection string in, the same use cases behind it.

use crate::{
    datasources::{known, named, object, payload, refused},
    error::ApiError,
    extract::{Operates, RawBody},
    state::ApiState,
};
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, patch, put},
};
use datasources::{Address, ClientRecord, Driver, Invalid, Origin, Touched};
use gateway::{
    Gateway,
    admin::clients::{Asked, ClientDetail, ClientsError, SecretInput},
};
use http::StatusCode;
use serde_json::{Map, Value, json};

pub(crate) fn router() -> Router<ApiState> {
    Router::new()
        .route("/admin/clients", get(list).post(create))
        .route("/admin/clients/{name}", patch(update).delete(remove))
        .route("/admin/clients/{name}/freeze", put(freeze))
}

type Answered = Result<Response, ApiError>;

async fn list(State(gateway): State<Gateway>, Operates(operator): Operates) -> Answered {
    let details = known(&gateway, &operator)?.details(&operator).await.map_err(refused)?;
    let clients: Vec<Value> = details.iter().map(client).collect();
    let runtime: Vec<Value> = details.iter().map(running).collect();
    Ok(payload("Listed clients", json!({ "clients": clients, "runtime": runtime })))
}

async fn create(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    RawBody(body): RawBody,
) -> Answered {
    let clients = known(&gateway, &operator)?;
    let mut wanted = Wanted::read(&body).map_err(refused)?;
    let name = wanted.name.take().ok_or_else(|| invalid("client_name", "is required"))?;
    let name = clients.new_name(&name.trim().to_lowercase()).map_err(refused)?;
    let secret = wanted.secret.take();
    let mut record = ClientRecord::new(name, Driver::Postgres, Origin::Runtime);
    if wanted.goal.is_none() {
        return Err(invalid("pg_uri", "or pg_uri_env_var is required, and not both"));
    }
    wanted.apply(&mut record).map_err(|wrong| refused(wrong.into()))?;
    let made = clients.create_record(&operator, record, secret).await.map_err(refused)?;
    let answer = payload("Created the client", json!({ "client": client(&made) }));
    Ok((StatusCode::CREATED, answer).into_response())
}

async fn update(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    RawBody(body): RawBody,
) -> Answered {
    let clients = known(&gateway, &operator)?;
    let name = named(&name)?;
    let mut wanted = Wanted::read(&body).map_err(refused)?;
    if wanted.name.as_ref().is_some_and(|new| !new.trim().eq_ignore_ascii_case(name.as_str())) {
        return Err(invalid("client_name", "cannot be changed"));
    }
    let asked = Asked { version: None, secret: wanted.secret.take() };
    let change = |before: &ClientRecord, _shown: &Value| {
        let mut after = before.clone();
        wanted.apply(&mut after)?;
        Ok((after, Touched::default()))
    };
    let changed = clients.change(&operator, &name, asked, change).await.map_err(refused)?;
    Ok(payload("Updated the client", json!({ "client": client(&changed) })))
}

async fn freeze(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
    RawBody(body): RawBody,
) -> Answered {
    let clients = known(&gateway, &operator)?;
    let name = named(&name)?;
    let mut members = object(&body).map_err(refused)?;
    let Some(Value::Bool(frozen)) = members.shift_remove("is_frozen") else {
        return Err(invalid("is_frozen", "must be true or false"));
    };
    nothing_else(members).map_err(|wrong| refused(wrong.into()))?;
    let changed = clients.freeze(&operator, &name, frozen).await.map_err(refused)?;
    let message = if frozen { "Froze the client" } else { "Thawed the client" };
    Ok(payload(message, json!({ "client": client(&changed) })))
}

async fn remove(
    State(gateway): State<Gateway>,
    Operates(operator): Operates,
    Path(name): Path<String>,
) -> Answered {
    let name = named(&name)?;
    let gone = known(&gateway, &operator)?.remove(&operator, &name).await.map_err(refused)?;
    Ok(payload("Deleted the client", json!({ "client": client(&gone) })))
}

/// What was sent, its password taken out of the connection string.
struct Wanted {
    name: Option<String>,
    description: Option<String>,
    is_active: Option<bool>,
    goal: Option<Goal>,
    secret: Option<SecretInput>,
}

/// Where the client shall lead.
enum Goal {
    Url(String),
    Variable(String),
}

impl Wanted {
    fn read(body: &[u8]) -> Result<Self, ClientsError> {
        let mut members = object(body)?;
        let name = text(&mut members, "client_name")?;
        let description = text(&mut members, "description")?;
        let is_active = match members.shift_remove("is_active") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(is_active)) => Some(is_active),
            Some(_) => return Err(Invalid::at("is_active", "must be true or false").into()),
        };
        let filled = |text: &String| !text.trim().is_empty();
        let uri = text(&mut members, "pg_uri")?.filter(filled);
        let variable = text(&mut members, "pg_uri_env_var")?.filter(filled);
        nothing_else(members)?;
        let mut secret = None;
        let goal = match (uri, variable) {
            (None, None) => None,
            (None, Some(variable)) => Some(Goal::Variable(variable.trim().to_owned())),
            (Some(uri), None) => {
                let uri = secrets::Cleartext::new(uri);
                let split = Address::split(uri.expose().trim());
                let (address, password) = split.map_err(|reason| Invalid::at("pg_uri", reason))?;
                secret = password.map(SecretInput::new);
                Some(Goal::Url(address.url()))
            }
            (Some(_), Some(_)) => {
                return Err(Invalid::at("pg_uri", "and pg_uri_env_var exclude each other").into());
            }
        };
        Ok(Self { name, description, is_active, goal, secret })
    }

    /// Put what was sent into a record, and judge it.
    fn apply(&self, record: &mut ClientRecord) -> Result<(), Invalid> {
        if let Some(description) = &self.description {
            record.label =
                Some(description.chars().filter(|c| !c.is_control()).take(200).collect());
        }
        if let Some(is_active) = self.is_active {
            record.active = is_active;
        }
        match &self.goal {
            None => Ok(()),
            Some(Goal::Variable(variable)) => {
                record.driver = Driver::Postgres;
                record.set_variable(variable)
            }
            Some(Goal::Url(url)) => {
                record.driver = Driver::Postgres;
                record.uri_variable = None;
                record.config = Map::from_iter([("url".to_owned(), Value::from(url.as_str()))]);
                let mut wrong = Invalid::default();
                record.driver.check(&record.config, &mut wrong);
                wrong.or(())
            }
        }
    }
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Invalid> {
    match members.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Invalid::at(name, "must be a text")),
    }
}

fn nothing_else(members: Map<String, Value>) -> Result<(), Invalid> {
    let mut wrong = Invalid::default();
    members.keys().for_each(|name| wrong.add(name.as_str(), "is not known"));
    wrong.or(())
}

fn invalid(path: &str, message: &str) -> ApiError {
    refused(Invalid::at(path, message).into())
}

/// A row of the catalogue, as it always was, and what is newer behind it.
fn client(detail: &ClientDetail) -> Value {
    let listed = &detail.listed;
    let is_config = detail.listed.origin == Origin::Config;
    let description = (listed.label != listed.name.as_str()).then_some(&listed.label);
    json!({
        "id": detail.id,
        "client_name": listed.name,
        "description": description,
        "pg_uri": detail.pg_uri,
        "has_pg_uri": detail.pg_uri.is_some(),
        "pg_uri_env_var": detail.uri_variable,
        "config_uri_template": null,
        "source": if is_config { "config" } else { "database" },
        "is_active": listed.active,
        "is_frozen": listed.frozen,
        "origin": listed.origin,
        "driver": listed.driver,
        "schemaMode": listed.schema_mode,
        "status": listed.status,
        "statusReason": listed.status_reason,
        "has_secret": detail.has_secret,
        // A password stands in its connection string, and should not.
        "has_old_credential": !detail.redacted_config_keys.is_empty(),
        "version": listed.version,
        "last_seen_at": listed.last_seen_at,
        "created_at": detail.created_at,
        "updated_at": detail.updated_at,
    })
}

/// What this node makes of it.
fn running(detail: &ClientDetail) -> Value {
    let listed = &detail.listed;
    let is_config = detail.listed.origin == Origin::Config;
    json!({
        "client_name": listed.name,
        "source": if is_config { "config" } else { "database" },
        "pg_uri": detail.pg_uri,
        "pg_uri_env_var": detail.uri_variable,
        "is_active": listed.active,
        "is_frozen": listed.frozen,
        "status": listed.status,
        "pool_connected": listed.status == datasources::Status::Ok,
    })
}

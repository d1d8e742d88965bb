//! A gateway of one shop, and a caller that speaks HTTP to it in process.

use api::{ApiSettings, ApiState};
use api_types::ClientName;
use axum::body::Body;
use backend::{
    Outcome,
    fake::{FakeAnswer, FakeBackend},
};
use catalog::{
    Column, DataType, EnumType, Generated, Ident, QualifiedName, SchemaCache, Table, TableKind,
    TypeKind,
};
use gateway::{Access, CacheSettings, ClientInfo, Gateway, GatewaySettings};
use http::{HeaderMap, Method, Request};
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt;

/// A gateway with the client `shop`.
pub struct TestGateway {
    pub router: api::Surface,
    pub gateway: Gateway,
    pub backend: Arc<FakeBackend>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    /// The body as it was sent.
    pub text: String,
}

impl TestGateway {
    /// No store: anonymous callers are let in.
    pub fn open() -> Self {
        Self::with(Access::open(), ApiSettings::default())
    }

    pub fn with(access: Access, settings: ApiSettings) -> Self {
        Self::around(Gateway::new(GatewaySettings::default(), access), settings)
    }

    /// No store, and answers are kept.
    pub fn caching() -> Self {
        let settings = GatewaySettings::default();
        let gateway = Gateway::caching(settings, Access::open(), &CacheSettings::default());
        Self::around(gateway.unwrap(), ApiSettings::default())
    }

    pub fn around(gateway: Gateway, settings: ApiSettings) -> Self {
        let backend = Arc::new(FakeBackend::new(shop()));
        let as_port = Arc::clone(&backend) as _;
        gateway.registry().add(client("shop"), as_port, ClientInfo::default());
        let router = api::surface(ApiState::new(gateway.clone(), settings));
        Self { router, gateway, backend }
    }

    /// Queue the rows of the next statement.
    pub fn rows(&self, json: &str, returned: u64) {
        let outcome = Outcome { returned, affected: returned, count: None };
        self.backend.answer(FakeAnswer::Rows { json: json.to_owned(), outcome });
    }

    pub async fn post(&self, path: &str, body: &str) -> Reply {
        self.call(Method::POST, path, &[("x-athena-client", "shop")], body).await
    }

    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone()));
        Reply { status: parts.status.as_u16(), headers: parts.headers, body, text }
    }

    /// How many statements reached the database.
    pub fn statements(&self) -> usize {
        self.backend.seen().len()
    }
}

impl Reply {
    /// The body without the members that differ each time, after checking that they are there.
    pub fn stable(&self) -> Value {
        let mut body = self.body.clone();
        let map = body.as_object_mut().expect("an envelope");
        // A read may be answered again to somebody else, so its id is in the headers alone.
        assert!(self.header("x-request-id").is_some());
        if let Some(request_id) = map.remove("request_id") {
            assert_eq!(request_id.as_str(), self.header("x-request-id"), "{map:?}");
        }
        if let Some(trace_id) = map.remove("trace_id") {
            assert_eq!(trace_id.as_str(), self.header("x-trace-id"));
            assert!(trace_id.as_str().is_some_and(|id| !id.is_empty() && id.len() <= 16));
        }
        body
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Status, code and `error` text: enough to know which refusal it was.
    pub fn refusal(&self) -> (u16, &str, &str) {
        assert_eq!(self.body["status"], "error", "{self:?}");
        // A length that is another body's breaks the connection.
        let length = self.header("content-length");
        assert!(length.is_none_or(|length| length == self.text.len().to_string()), "{self:?}");
        assert_eq!(self.body["status_code"], self.status, "{self:?}");
        (self.status, text(&self.body["code"]), text(&self.body["error"]))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub fn client(name: &str) -> ClientName {
    ClientName::parse(name).unwrap()
}

/// `invoices`, `secrets`, and an odd table in a schema of its own.
pub fn shop() -> SchemaCache {
    let status = QualifiedName::new(ident("public"), ident("invoice_status"));
    let invoices = vec![
        column("id", base("int8"), false),
        column(
            "status",
            DataType {
                oid: 9001,
                sql: "invoice_status".into(),
                kind: TypeKind::Enum(status.clone()),
            },
            false,
        ),
        column("amount", DataType { sql: "numeric(12,2)".into(), ..base("numeric") }, true),
        column("paid_at", base("timestamptz"), true),
        column("token", base("uuid"), true),
        column("meta", base("jsonb"), true),
    ];
    let secrets = vec![column("id", base("int8"), false), column("text", base("text"), true)];
    let odd = vec![column("a \"b\" 名前", base("text"), true)];
    SchemaCache::new(
        "PostgreSQL 15.18".to_owned(),
        vec!["public".to_owned()],
        vec![
            table("public", "invoices", invoices, &["id"]),
            table("public", "secrets", secrets, &["id"]),
            table("odd \"schema\"", "odd'; table", odd, &[]),
        ],
        vec![EnumType { name: status, values: vec!["draft".into(), "paid".into()] }],
    )
}

fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

fn base(name: &str) -> DataType {
    let (oid, sql) = match name {
        "int8" => (20, "bigint"),
        "numeric" => (1700, "numeric"),
        "timestamptz" => (1184, "timestamp with time zone"),
        "uuid" => (2950, "uuid"),
        "jsonb" => (3802, "jsonb"),
        _ => (25, "text"),
    };
    DataType { oid, sql: sql.to_owned(), kind: TypeKind::Base(name.to_owned()) }
}

fn column(name: &str, data_type: DataType, nullable: bool) -> Column {
    let name = ident(name);
    Column { name, data_type, nullable, default: None, generated: Generated::Never, comment: None }
}

fn table(schema: &str, name: &str, columns: Vec<Column>, key: &[&str]) -> Table {
    Table {
        name: QualifiedName::new(ident(schema), ident(name)),
        kind: TableKind::Table,
        columns,
        primary_key: key.iter().map(|name| ident(name)).collect(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    }
}

//! Databases that belong to others: the numbers are those of the checks in the contract.

mod boot;
mod doors;
mod drift;
mod gates;
mod imports;
mod reads;
mod rest;

use crate::support::{Reply, TestGateway, client};
use api::ApiSettings;
use backend_postgres::{Postgres, PostgresSettings};
use datasources::{ClientRecord, Driver, External, OnMismatch, Origin, SchemaMode, Validation};
use gateway::{Access, ClientInfo, Deferred, Desk, Gateway, GatewaySettings, Upstream};
use http::Method;
use serde_json::{Value, json};
use sqlx::Row;
use std::sync::Arc;
use store::{ChangeFeed, Store};
use test_support::TestDatabase;

const ADMIN: &str = "the admin's own key";

const TABLES: &str = "
    create schema crm;
    create schema hr;
    create table crm.t_cust (
        cust_id int primary key, nm text not null, lvl int, shape polygon, secret text
    );
    insert into crm.t_cust (cust_id, nm, lvl, secret) values
        (1, 'Ada', 3, 's1'), (2, 'Bob', 1, 's2'), (3, 'Cleo', 2, 's3');
    create table crm.items (x int primary key);
    create table hr.items (y text primary key);
    insert into hr.items values ('from hr');
    create table hr.pay (id int primary key, amount numeric);
    insert into hr.pay values (1, 100);
    create table public.orders (tenant int, no int, note text, primary key (tenant, no));
    insert into public.orders values (1, 1, 'first');
    create view public.many as select n from generate_series(1, 1500) as n;
    create view public.slow as select 1 as n from pg_sleep(30);
    create table crm.t_ord (
        oid int primary key, cust int references crm.t_cust (cust_id) on delete cascade, what text
    );
    insert into crm.t_ord values (10, 1, 'tea'), (11, 1, 'jam'), (12, 3, 'oil');
    create function public.sneak() returns int language sql volatile
        as $$ insert into public.orders values (9, 9, 'sneaked') returning no $$;";

/// A gateway with a store, and the client `crm` whose database belongs to somebody else.
struct Abroad {
    gateway: TestGateway,
    store: Store,
    remote: TestDatabase,
    _home: TestDatabase,
}

impl Abroad {
    async fn with(external: External) -> Self {
        Self::on(terms(external)).await
    }

    async fn on(terms: Terms) -> Self {
        let (remote, home) = tokio::join!(TestDatabase::create(), TestDatabase::create());
        remote.run(TABLES).await;
        let store = Store::open(home.uri()).unwrap();
        store.migrate().await.unwrap();
        let feed = ChangeFeed::start(store.clone());
        let deferred = Deferred::new(store.clone(), feed.clone(), crate::later::quick());
        let access = Access::open()
            .administered(ADMIN)
            .deferring(deferred)
            .administering(Desk::new(store.clone(), feed));
        let gateway = Gateway::new(GatewaySettings::default(), access);
        gateway.federate().await.unwrap();
        let gateway = TestGateway::around(gateway, ApiSettings::default());
        let abroad = Self { gateway, store, remote, _home: home };
        abroad.edit("crm", Some(terms)).schema().await.unwrap();
        abroad
    }

    /// Put the client in, or in the place of the one of this name.
    fn edit(&self, name: &str, terms: Option<Terms>) -> Arc<Upstream> {
        let settings = PostgresSettings::parse(self.remote.uri()).unwrap();
        let backend = Arc::new(Postgres::connect(&settings));
        let info = info(name, terms);
        self.gateway.gateway.registry().add(client(name), backend, info)
    }

    async fn admin(&self, method: Method, path: &str, body: Value) -> Reply {
        self.admin_of("crm", method, path, body).await
    }

    async fn admin_of(&self, name: &str, method: Method, path: &str, body: Value) -> Reply {
        let path = format!("/api/v1/datasources/{name}/{path}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.gateway.call(method, &path, &[("x-athena-key", ADMIN)], &body).await
    }

    async fn data(&self, method: Method, path: &str, body: Value) -> Reply {
        self.gateway.call(method, path, &[("x-athena-client", "crm")], &body.to_string()).await
    }

    async fn fetch(&self, body: Value) -> Reply {
        self.data(Method::POST, "/gateway/fetch", body).await
    }

    /// Import a table, which must be possible.
    async fn import(&self, remote: &str, wish: Value) -> Value {
        let path = format!("external/tables/{remote}/import");
        let reply = self.admin(Method::POST, &path, wish).await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.body["data"]["object"].clone()
    }

    /// One number that the remote database says of itself.
    async fn count(&self, sql: &str) -> i64 {
        let mut connection = self.remote.connect().await;
        let sql = sqlx::AssertSqlSafe(format!("select ({sql})::bigint"));
        sqlx::query(sql).fetch_one(&mut connection).await.unwrap().get(0)
    }
}

/// Whose the database is, and what holds for it.
type Terms = (SchemaMode, External);

fn terms(external: External) -> Terms {
    (SchemaMode::External, external)
}

fn info(name: &str, terms: Option<Terms>) -> ClientInfo {
    let mut record = ClientRecord::new(client(name), Driver::Postgres, Origin::Runtime);
    if let Some((mode, external)) = terms {
        record.schema_mode = mode;
        record.external = Some(external);
    }
    ClientInfo { record: Some(Arc::new(record)), ..ClientInfo::default() }
}

fn only(schemas: &[&str]) -> External {
    let allowed = schemas.iter().map(|schema| (*schema).to_owned()).collect();
    External { allowed_schemas: Some(allowed), ..External::default() }
}

fn on_mismatch(on_mismatch: OnMismatch) -> External {
    let validation = Validation { on_mismatch, ..Validation::default() };
    External { validation, ..External::default() }
}

fn writing() -> External {
    External { allow_writes: true, ..External::default() }
}

/// `customers` is `crm.t_cust` under other names.
fn customers() -> Value {
    json!({
        "name": "customers",
        "rename": {"cust_id": "id", "nm": "name", "lvl": "level"},
        "exclude": ["secret", "shape"],
    })
}

/// `sales` is `crm.t_ord`, which refers to `crm.t_cust`.
fn sales() -> Value {
    json!({"name": "sales", "rename": {"oid": "id", "cust": "customer"}})
}

fn where_id(id: i64) -> Value {
    json!([{"eq_column": "id", "eq_value": id}])
}

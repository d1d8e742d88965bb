//! Routes that are open to everybody: open, change and close them.

mod wanted;

pub use wanted::RouteWanted;

use super::{OperateError, audit::Deed, client_configs::named};
use crate::{Desk, Gateway, GatewayError, Operator, public::check_key};
use api_types::ClientName;
use auth::PermitError;
use serde_json::{Value, json};
use store::NewRoute;

pub use store::RouteRecord;

impl Gateway {
    pub async fn public_routes(
        &self,
        operator: &Operator,
    ) -> Result<Vec<RouteRecord>, GatewayError> {
        let all = self.desk(operator)?.store.public_routes().await.map_err(OperateError::from)?;
        let is_mine = |record: &RouteRecord| {
            ClientName::parse(&record.route.client_name).is_ok_and(|name| operator.may_touch(&name))
        };
        Ok(all.into_iter().filter(is_mine).collect())
    }

    pub async fn create_public_route(
        &self,
        operator: &Operator,
        key: &str,
        wanted: RouteWanted,
    ) -> Result<RouteRecord, GatewayError> {
        let desk = self.desk(operator)?;
        let key = check_key(key)?;
        let route = wanted.new_route(&key, &self.settings().parse)?;
        self.check_client(operator, &route)?;
        let made = desk.store.create_public_route(&route).await.map_err(OperateError::from)?;
        let Some(record) = made else { return Err(OperateError::RouteTaken { key }.into()) };
        let deed = Deed::done("public_route.created", &*key).to(shown(&record.route));
        self.tell_of_route(desk, operator, &deed).await?;
        Ok(record)
    }

    /// What is not given stays as it is.
    pub async fn update_public_route(
        &self,
        operator: &Operator,
        key: &str,
        wanted: RouteWanted,
    ) -> Result<RouteRecord, GatewayError> {
        let desk = self.desk(operator)?;
        let (key, before) = self.existing(desk, operator, key).await?;
        let route = wanted.over(&before.route, &self.settings().parse)?;
        self.check_client(operator, &route)?;
        let made = desk.store.update_public_route(&route).await.map_err(OperateError::from)?;
        let Some(record) = made else { return Err(OperateError::NoRoute { key }.into()) };
        let deed = Deed::done("public_route.changed", &*key)
            .from(shown(&before.route))
            .to(shown(&record.route));
        self.tell_of_route(desk, operator, &deed).await?;
        Ok(record)
    }

    pub async fn delete_public_route(
        &self,
        operator: &Operator,
        key: &str,
    ) -> Result<RouteRecord, GatewayError> {
        let desk = self.desk(operator)?;
        let (key, before) = self.existing(desk, operator, key).await?;
        let gone = desk.store.delete_public_route(&key).await.map_err(OperateError::from)?;
        let Some(record) = gone else { return Err(OperateError::NoRoute { key }.into()) };
        let deed = Deed::done("public_route.deleted", &*key).from(shown(&before.route));
        self.tell_of_route(desk, operator, &deed).await?;
        Ok(record)
    }

    async fn existing(
        &self,
        desk: &Desk,
        operator: &Operator,
        key: &str,
    ) -> Result<(String, RouteRecord), GatewayError> {
        let key = check_key(key)?;
        let all = desk.store.public_routes().await.map_err(OperateError::from)?;
        let found = all.into_iter().find(|record| record.route.route_key == key);
        let Some(record) = found else { return Err(OperateError::NoRoute { key }.into()) };
        named(operator, &record.route.client_name)?;
        Ok((key, record))
    }

    /// A route leads to a client that is there. SQL through it is for those who may touch every client.
    fn check_client(&self, operator: &Operator, route: &NewRoute) -> Result<(), GatewayError> {
        let name = named(operator, &route.client_name)?;
        if !self.registry().knows(&name) {
            return Err(GatewayError::unknown(name.as_str()));
        }
        if route.allow_raw_sql && operator.bound_to().is_some() {
            return Err(PermitError::ClientMismatch.into());
        }
        Ok(())
    }

    async fn tell_of_route(
        &self,
        desk: &Desk,
        operator: &Operator,
        deed: &Deed,
    ) -> Result<(), GatewayError> {
        desk.audit.tell(operator.actor(), deed).await;
        Ok(self.reload_routes().await.map_err(OperateError::from)?)
    }
}

/// A route as it is told of.
pub fn shown(route: &NewRoute) -> Value {
    json!({
        "route_key": route.route_key,
        "client_name": route.client_name,
        "allowed_ops": route.allowed_ops,
        "is_active": route.is_active,
        "metadata": route.metadata,
        "table_name": route.table_name,
        "any_table": route.any_table,
        "columns": route.columns,
        "forced_conditions": route.forced_conditions,
        "max_limit": route.max_limit,
        "saved_query": route.saved_query,
        "allow_raw_sql": route.allow_raw_sql,
    })
}

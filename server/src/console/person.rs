//! A signed-in person's console: each call is one use of the desk.

use super::{
    Desk,
    hall::{Hall, Known},
    library::Library,
    list, no_such_client, options, record, write,
};
use api_types::account::{OwnOrganization, SecondStep, SecondStepSetup};
use api_types::console::{
    Cell, FieldInput, FieldValue, ListPage, ListQuery, Navigation, OptionList, Readiness,
    RecordPage, ResourceSpec, SessionInfo, Shell, Viewer,
};
use api_types::{ClientName, Problem, RecordKey};
use app::port::Console;
use async_trait::async_trait;
use auth::{Caller, SessionTokenHash};
use gateway::Gateway;
use query::request::Filter;
use std::sync::Arc;

/// Somebody whose session was checked a moment ago.
pub struct Person {
    viewer: Viewer,
    is_member: bool,
    desk: Desk,
    session: SessionTokenHash,
    hall: Arc<Hall>,
}

impl Person {
    pub(super) fn new(
        known: Known,
        session: SessionTokenHash,
        hall: Arc<Hall>,
        engine: Gateway,
        library: Arc<Library>,
    ) -> Self {
        let Known { viewer, member } = known;
        let is_member = member.is_some();
        let caller = match member {
            None => Caller::person(&viewer.user_id),
            Some(member) => Caller::member(&viewer.user_id, member),
        };
        Self { desk: Desk::new(engine, caller, library), viewer, is_member, session, hall }
    }
}

#[async_trait]
impl Console for Person {
    fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    async fn sign_out(&self) -> Result<(), Problem> {
        self.hall.sign_out(&self.session).await
    }

    async fn sessions(&self) -> Result<Vec<SessionInfo>, Problem> {
        self.hall.sessions(&self.viewer, &self.session).await
    }

    async fn end_session(&self, id: &str) -> Result<(), Problem> {
        self.hall.end_session(&self.viewer, id).await
    }

    async fn change_password(&self, current: String, new: String) -> Result<(), Problem> {
        self.hall.change_password(&self.viewer, &self.session, current, new).await
    }

    async fn organizations(&self) -> Result<Vec<OwnOrganization>, Problem> {
        // Administrators may everything, whoever they belong to.
        if !self.is_member {
            return Ok(Vec::new());
        }
        self.hall.organizations(&self.session).await
    }

    async fn work_for(&self, organization: &str) -> Result<(), Problem> {
        self.hall.work_for(&self.session, organization).await
    }

    async fn second_step(&self) -> Result<SecondStep, Problem> {
        self.hall.second_step(&self.viewer).await
    }

    async fn begin_second_step(&self) -> Result<(), Problem> {
        self.hall.begin_second_step(&self.viewer).await
    }

    async fn second_step_setup(&self) -> Result<Option<SecondStepSetup>, Problem> {
        self.hall.second_step_setup(&self.viewer).await
    }

    async fn confirm_second_step(&self, code: &str) -> Result<(), Problem> {
        self.hall.confirm_second_step(&self.viewer, &self.session, code).await
    }

    async fn end_second_step(&self, code: &str, password: String) -> Result<(), Problem> {
        self.hall.end_second_step(&self.viewer, code, password, self.desk.engine()).await
    }

    async fn shell(&self) -> Result<Shell, Problem> {
        Ok(Shell {
            viewer: self.viewer.clone(),
            clients: self.desk.engine().registry().list(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    async fn navigation(&self, client: &ClientName) -> Result<Navigation, Problem> {
        let engine = self.desk.engine();
        let find = || engine.registry().get(client).map_err(|_unheard_of| no_such_client(client));
        // Asking for the shelf first gives a client that is connecting its moment.
        engine.upstream(client).await.map_err(|_unheard_of| no_such_client(client))?;
        let shelf = self.desk.library().shelf(engine, client).await;
        let summary = find()?.summary();
        match shelf {
            Ok(shelf) => {
                let mut navigation = shelf.set.navigation(summary);
                for category in &mut navigation.categories {
                    let is_seen =
                        |key: &str| shelf.find(client, key).is_ok_and(|it| self.desk.may_see(&it));
                    category.resources.retain(|resource| is_seen(&resource.key));
                }
                navigation.categories.retain(|category| !category.resources.is_empty());
                Ok(navigation)
            }
            Err(_) if summary.readiness != Readiness::Ready => {
                Ok(Navigation { client: summary, categories: Vec::new() })
            }
            Err(problem) => Err(problem),
        }
    }

    async fn resource(&self, client: &ClientName, resource: &str) -> Result<ResourceSpec, Problem> {
        Ok(self.desk.open(client, resource).await?.spec.clone())
    }

    async fn list(
        &self,
        client: &ClientName,
        resource: &str,
        query: ListQuery,
    ) -> Result<ListPage, Problem> {
        let resource = self.desk.open(client, resource).await?;
        list::page(&self.desk, &resource, query, Filter::All).await
    }

    async fn record(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
    ) -> Result<RecordPage, Problem> {
        let resource = self.desk.open(client, resource).await?;
        record::page(&self.desk, &resource, key).await
    }

    async fn options(
        &self,
        client: &ClientName,
        resource: &str,
        column: &str,
        search: &str,
    ) -> Result<OptionList, Problem> {
        let resource = self.desk.open(client, resource).await?;
        options::choices(&self.desk, &resource, column, search).await
    }

    async fn create(
        &self,
        client: &ClientName,
        resource: &str,
        fields: Vec<FieldInput>,
    ) -> Result<Option<RecordKey>, Problem> {
        let resource = self.desk.open(client, resource).await?;
        write::create(&self.desk, &resource, fields).await
    }

    async fn update_cell(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
        column: &str,
        value: FieldValue,
    ) -> Result<Cell, Problem> {
        let resource = self.desk.open(client, resource).await?;
        write::update_cell(&self.desk, &resource, key, column, value).await
    }

    async fn delete(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
    ) -> Result<(), Problem> {
        let resource = self.desk.open(client, resource).await?;
        write::delete(&self.desk, &resource, key).await
    }
}

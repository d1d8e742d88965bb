//! A door and a console over the made-up tables. Any password but `wrong` opens it.

use super::{
    data::{self, Table, WITHHELD},
    own::{Own, right},
    rows::{cell, checked, find, page, record},
};
use api_types::{
    ClientName, Problem, RecordKey,
    account::{OwnOrganization, SecondStep, SecondStepSetup},
    console::{
        Cell, ClientSummary, ColumnSpec, FieldInput, FieldValue, FilterOp, FilterTerm, ListPage,
        ListQuery, NavCategory, NavResource, Navigation, OptionItem, OptionList, Readiness,
        RecordPage, Related, ResourceSpec, SessionInfo, Shell, SignInInput, Viewer,
    },
};
use app::port::{Console, Door, Entered, HalfCookie, SessionCookie};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone)]
pub struct FakeDoor(Arc<FakeConsole>);

struct FakeConsole {
    viewer: Viewer,
    tables: Mutex<Vec<Table>>,
    own: Mutex<Own>,
}

impl Default for FakeDoor {
    fn default() -> Self {
        let viewer = Viewer {
            user_id: "1".to_owned(),
            email: "desk@hesper.example".to_owned(),
            display_name: "Billing desk".to_owned(),
        };
        Self(Arc::new(FakeConsole {
            viewer,
            tables: Mutex::new(data::tables()),
            own: Mutex::default(),
        }))
    }
}

#[async_trait::async_trait]
impl Door for FakeDoor {
    async fn sign_in(&self, input: SignInInput, _peer: Option<String>) -> Result<Entered, Problem> {
        match input.password.as_str() {
            "wrong" => {
                let message = "Email and password do not belong together.";
                Err(Problem::new(401, "wrong_password", message).with_trace("9a6e03fd"))
            }
            "half" => Ok(Entered::Half(HalfCookie("half".to_owned()))),
            _ => Ok(Entered::Session(SessionCookie("fake".to_owned()))),
        }
    }

    async fn redeem_link(&self, token: &str, _: Option<String>) -> Result<Entered, Problem> {
        match token {
            "open" => Ok(Entered::Session(SessionCookie("fake".to_owned()))),
            "half" => Ok(Entered::Half(HalfCookie("half".to_owned()))),
            _ => Err(Problem::new(410, "link_spent", "This link was used or has expired.")),
        }
    }

    async fn awaits_code(&self, half: &HalfCookie) -> Result<bool, Problem> {
        Ok(half.0 == "half")
    }

    async fn finish_sign_in(
        &self,
        half: &HalfCookie,
        code: &str,
        _peer: Option<String>,
    ) -> Result<SessionCookie, Problem> {
        if half.0 != "half" {
            let message = "This sign-in waited too long for its code.";
            return Err(Problem::new(410, "sign_in_expired", message));
        }
        right(code).map(|()| SessionCookie("fake".to_owned()))
    }

    async fn open(&self, cookie: &SessionCookie) -> Result<Option<Arc<dyn Console>>, Problem> {
        Ok((cookie.0 == "fake").then(|| Arc::clone(&self.0) as Arc<dyn Console>))
    }
}

impl FakeConsole {
    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tables(&self) -> MutexGuard<'_, Vec<Table>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        client: &ClientName,
        resource: &str,
        job: impl FnOnce(&mut Table, &dyn Fn(&ColumnSpec, &str) -> Option<String>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if *client != data::client() {
            let message = format!("There is no client “{client}”.");
            return Err(Problem::new(400, "unknown_client", message));
        }
        if resource == WITHHELD {
            let message = "You may not read this table.";
            return Err(Problem::new(403, "not_permitted", message).with_trace("5be0c2f7"));
        }
        let customers: Vec<(String, String)> = self.labels("customers");
        let invoices = self.labels("invoices");
        let label = move |column: &ColumnSpec, value: &str| {
            let target = column.reference.as_ref()?.resource.as_deref()?;
            let all = if target == "customers" { &customers } else { &invoices };
            all.iter().find(|(key, _)| key == value).map(|(_, label)| label.clone())
        };
        let mut tables = self.tables();
        let table =
            tables.iter_mut().find(|table| table.spec.key == resource).ok_or_else(|| {
                let message = format!("There is no table “{resource}” in {client}.");
                Problem::new(404, "unknown_table", message).with_trace("7f3ca91e")
            })?;
        job(table, &label)
    }

    fn labels(&self, resource: &str) -> Vec<(String, String)> {
        let tables = self.tables();
        let table = tables.iter().find(|table| table.spec.key == resource);
        let text = |row: &Vec<Option<String>>, at: usize| row[at].clone().unwrap_or_default();
        table.map_or_else(Vec::new, |table| {
            table.rows.iter().map(|row| (text(row, 0), text(row, 1))).collect()
        })
    }
}

#[async_trait::async_trait]
impl Console for FakeConsole {
    fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    async fn sign_out(&self) -> Result<(), Problem> {
        Ok(())
    }

    async fn sessions(&self) -> Result<Vec<SessionInfo>, Problem> {
        let session = |id: &str, remote_addr: &str| SessionInfo {
            id: id.to_owned(),
            created_at: "2031-01-01T08:30:00.000000Z".to_owned(),
            expires_at: "2031-01-08T08:30:00.000000Z".to_owned(),
            remote_addr: Some(remote_addr.to_owned()),
            is_this: id == "1",
        };
        Ok(vec![session("1", "192.0.2.1"), session("2", "198.51.100.7")])
    }

    async fn end_session(&self, id: &str) -> Result<(), Problem> {
        match id {
            "2" => Ok(()),
            _ => Err(Problem::new(404, "unknown_session", "There is no such session.")),
        }
    }

    async fn change_password(&self, current: String, _new: String) -> Result<(), Problem> {
        match current.as_str() {
            "wrong" => Err(Problem::new(401, "wrong_password", "The current password is wrong.")),
            _ => Ok(()),
        }
    }

    async fn organizations(&self) -> Result<Vec<OwnOrganization>, Problem> {
        Ok(self.own().organizations())
    }

    async fn work_for(&self, organization: &str) -> Result<(), Problem> {
        self.own().work_for(organization)
    }

    async fn second_step(&self) -> Result<SecondStep, Problem> {
        Ok(self.own().second_step())
    }

    async fn begin_second_step(&self) -> Result<(), Problem> {
        self.own().begin();
        Ok(())
    }

    async fn second_step_setup(&self) -> Result<Option<SecondStepSetup>, Problem> {
        Ok(self.own().setup())
    }

    async fn confirm_second_step(&self, code: &str) -> Result<(), Problem> {
        self.own().confirm(code)
    }

    async fn end_second_step(&self, code: &str, password: String) -> Result<(), Problem> {
        self.own().end(code, &password)
    }

    async fn shell(&self) -> Result<Shell, Problem> {
        let down = Readiness::Unavailable { reason: "connection refused at db:5432".to_owned() };
        let clients = vec![
            summary("demo", Some("production"), Readiness::Ready),
            summary("legacy", None, down),
        ];
        Ok(Shell { viewer: self.viewer.clone(), clients, version: "0.1.0".to_owned() })
    }

    async fn navigation(&self, client: &ClientName) -> Result<Navigation, Problem> {
        let clients = self.shell().await?.clients;
        let client = clients.into_iter().find(|known| known.name == *client).ok_or_else(|| {
            Problem::new(400, "unknown_client", format!("There is no client “{client}”."))
        })?;
        let ready = client.readiness == Readiness::Ready;
        let mut categories: Vec<NavCategory> = Vec::new();
        let may_see = |table: &&Table| ready && table.spec.key != WITHHELD;
        for table in self.tables().iter().filter(may_see) {
            let spec = &table.spec;
            let entry = NavResource {
                key: spec.key.clone(),
                label: spec.label.clone(),
                icon: None,
                estimated_rows: Some(table.rows.len() as i64),
                kind: spec.kind,
            };
            match categories.iter_mut().find(|category| category.label == spec.category) {
                Some(category) => category.resources.push(entry),
                None => categories
                    .push(NavCategory { label: spec.category.clone(), resources: vec![entry] }),
            }
        }
        Ok(Navigation { client, categories })
    }

    async fn resource(&self, client: &ClientName, resource: &str) -> Result<ResourceSpec, Problem> {
        self.with(client, resource, |table, _| Ok(table.spec.clone()))
    }

    async fn list(
        &self,
        client: &ClientName,
        resource: &str,
        query: ListQuery,
    ) -> Result<ListPage, Problem> {
        self.with(client, resource, |table, label| Ok(page(table, query, label)))
    }

    async fn record(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
    ) -> Result<RecordPage, Problem> {
        let mut found = self.with(client, resource, |table, label| {
            let row = table.rows[find(table, key)?].clone();
            Ok(record(&table.spec, key, &row, label))
        })?;
        if resource != "payments" && resource != "totals_by_region" {
            let (other, column) = match resource {
                "customers" => ("invoices", "customer_id"),
                _ => ("payments", "invoice_id"),
            };
            let value = key.to_string();
            let term = FilterTerm {
                column: column.to_owned(),
                op: FilterOp::Eq,
                values: vec![value.clone()],
            };
            let query =
                ListQuery { filters: vec![term], page: 1, page_size: 5, ..ListQuery::default() };
            let page = self.list(client, other, query).await?;
            let title = page.resource.label.clone();
            found.related.push(Related { title, column: column.to_owned(), value, page });
        }
        Ok(found)
    }

    async fn options(
        &self,
        client: &ClientName,
        resource: &str,
        column: &str,
        search: &str,
    ) -> Result<OptionList, Problem> {
        let target = self.with(client, resource, |table, _| {
            let known = table.spec.columns.iter().find(|known| known.name == column);
            Ok(known.and_then(|known| known.reference.clone()).and_then(|to| to.resource))
        })?;
        let all = self.labels(&target.unwrap_or_default());
        let wanted = search.to_lowercase();
        let fits = all.into_iter().filter(|(_, label)| label.to_lowercase().contains(&wanted));
        let items: Vec<_> = fits.map(|(value, label)| OptionItem { value, label }).collect();
        let has_more = items.len() > 20;
        Ok(OptionList { items: items.into_iter().take(20).collect(), has_more, took_ms: 2.0 })
    }

    async fn create(
        &self,
        client: &ClientName,
        resource: &str,
        fields: Vec<FieldInput>,
    ) -> Result<Option<RecordKey>, Problem> {
        self.with(client, resource, |table, _| {
            let mut refused = Problem::new(
                422,
                "invalid_fields",
                "Some fields were refused. Nothing was written.",
            );
            let id = (table.rows.len() + 1).to_string();
            let mut row: Vec<Option<String>> = vec![None; table.spec.columns.len()];
            row[0] = Some(id.clone());
            for (at, column) in table.spec.columns.iter().enumerate().skip(1) {
                let sent = fields.iter().find(|field| field.column == column.name);
                let value = sent.map_or(FieldValue::Default, |field| field.value.clone());
                match checked(column, value) {
                    Ok(value) => row[at] = value,
                    Err(message) => refused = refused.with_field(&column.name, message),
                }
            }
            if !refused.fields.is_empty() {
                return Err(refused.with_trace("c41077de"));
            }
            table.rows.push(row);
            Ok(Some(RecordKey::new(vec![id])))
        })
    }

    async fn update_cell(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
        column: &str,
        value: FieldValue,
    ) -> Result<Cell, Problem> {
        self.with(client, resource, |table, label| {
            let row = find(table, key)?;
            let known = table.spec.columns.iter().position(|known| known.name == column);
            let at = known.ok_or_else(|| Problem::new(400, "unknown_column", "No such column."))?;
            let known = &table.spec.columns[at];
            let value = checked(known, value).map_err(|message| {
                Problem::new(422, "invalid_value", message.clone()).with_field(column, message)
            })?;
            table.rows[row][at].clone_from(&value);
            Ok(cell(&table.spec.columns[at], value.as_deref(), label))
        })
    }

    async fn delete(
        &self,
        client: &ClientName,
        resource: &str,
        key: &RecordKey,
    ) -> Result<(), Problem> {
        self.with(client, resource, |table, _| {
            let at = find(table, key)?;
            table.rows.remove(at);
            Ok(())
        })
    }
}

fn summary(name: &str, environment: Option<&str>, readiness: Readiness) -> ClientSummary {
    ClientSummary {
        name: ClientName::parse(name).unwrap_or_else(|_| data::client()),
        backend: "PostgreSQL 15.18".to_owned(),
        environment: environment.map(str::to_owned),
        readiness,
    }
}

//! What one person asks of the engine, in their own name.

use super::{library::Library, scopes, write::invalid};
use api_types::console::{ReferenceSpec, ResourceSpec};
use api_types::{ClientName, FieldProblem, Problem};
use auth::{Caller, Verb};
use backend::Outcome;
use bytes::Bytes;
use catalog::{Ident, Table};
use gateway::Gateway;
use query::{
    ApiRequest, Plan,
    request::{InsertRequest, RelationName, Representation},
};
use resources::Resource;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The engine, and the person in whose name it is asked.
#[derive(Clone)]
pub struct Desk {
    engine: Gateway,
    caller: Caller,
    library: Arc<Library>,
}

/// What came back.
pub struct Answer {
    /// One JSON array.
    pub rows: Bytes,
    pub outcome: Outcome,
    pub trace_id: String,
}

impl Desk {
    pub fn new(engine: Gateway, caller: Caller, library: Arc<Library>) -> Self {
        Self { engine, caller, library }
    }

    pub fn engine(&self) -> &Gateway {
        &self.engine
    }

    pub fn library(&self) -> &Library {
        &self.library
    }

    /// A resource as the schema now is and as this person may use it: where every page begins.
    pub async fn open(&self, client: &ClientName, key: &str) -> Result<Arc<Resource>, Problem> {
        let resource = self.library.shelf(&self.engine, client).await?.find(client, key)?;
        scopes::narrowed(&self.caller, resource)
    }

    /// Whether this person may read any of it.
    pub fn may_see(&self, resource: &Resource) -> bool {
        scopes::may(&self.caller, Verb::Read, &resource.spec).is_ok()
    }

    /// Refuse what this person may not do.
    pub fn check(&self, verb: Verb, spec: &ResourceSpec) -> Result<(), Problem> {
        scopes::may(&self.caller, verb, spec)
    }

    /// Another resource of a client that was opened before.
    pub fn find(&self, client: &ClientName, key: &str) -> Result<Arc<Resource>, Problem> {
        self.library.standing(client)?.find(client, key)
    }

    /// The page a foreign key leads to, when there is one.
    pub fn resource_of(
        &self,
        client: &ClientName,
        reference: &ReferenceSpec,
    ) -> Option<Arc<Resource>> {
        self.find(client, reference.resource.as_deref()?).ok()
    }

    pub async fn run(&self, client: &ClientName, request: ApiRequest) -> Result<Answer, Problem> {
        let answer = self.engine.run(&self.caller, client, request).await;
        let answer = answer.map_err(|failure| failure.problem())?;
        Ok(Answer {
            rows: answer.rows,
            outcome: answer.outcome,
            trace_id: answer.trace.trace_id.to_string(),
        })
    }

    /// Refuse every value that does not fit its column, all of them at once.
    pub fn check_fields(
        &self,
        client: &ClientName,
        spec: &ResourceSpec,
        row: &Map<String, Value>,
    ) -> Result<(), Problem> {
        let schema = Arc::clone(&self.library.standing(client)?.schema);
        let limits = self.engine.settings().limits;
        let problems: Vec<_> = row
            .iter()
            .filter_map(|(column, value)| {
                let alone = Map::from_iter([(column.clone(), value.clone())]);
                let refused = Plan::resolve(insert(spec, alone), &schema, limits).err()?;
                let message = refused.problem().message;
                Some(FieldProblem { field: column.clone(), message })
            })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(invalid(problems)) }
    }

    /// Which columns a constraint is about, as far as its table tells.
    pub fn columns_of_constraint(&self, resource: &Resource, constraint: &str) -> Vec<String> {
        let spec = &resource.spec;
        let Ok(shelf) = self.library.standing(&spec.client) else { return Vec::new() };
        match shelf.schema.table(Some(&spec.schema), &spec.table) {
            Some(table) => constrained(table, constraint),
            None => Vec::new(),
        }
    }

    /// The planner's guess, when the table was ever analysed.
    pub fn estimated_rows(&self, client: &ClientName, resource: &Resource) -> Option<i64> {
        let shelf = self.library.standing(client).ok()?;
        shelf.schema.table(Some(&resource.spec.schema), &resource.spec.table)?.estimated_rows
    }
}

fn insert(spec: &ResourceSpec, row: Map<String, Value>) -> ApiRequest {
    let relation = RelationName { schema: Some(spec.schema.clone()), name: spec.table.clone() };
    let representation = Representation::default();
    ApiRequest::Insert(InsertRequest {
        relation,
        rows: vec![row],
        on_conflict: None,
        representation,
    })
}

fn constrained(table: &Table, constraint: &str) -> Vec<String> {
    let names = |columns: &[Ident]| columns.iter().map(|name| name.as_str().to_owned()).collect();
    let unique = table.unique_keys.iter().find(|key| key.name.as_str() == constraint);
    let foreign = table.foreign_keys.iter().find(|key| key.name.as_str() == constraint);
    if let Some(columns) = unique.map(|key| &key.columns).or(foreign.map(|key| &key.columns)) {
        return names(columns);
    }
    let own = table.name.name.as_str();
    if constraint == format!("{own}_pkey") {
        return names(&table.primary_key);
    }
    // PostgreSQL calls the check of one column after the table and the column.
    let named = |column: &&catalog::Column| constraint == format!("{own}_{}_check", column.name);
    let checked = table.columns.iter().find(named);
    checked.map(|column| column.name.as_str().to_owned()).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{Column, DataType, Generated, QualifiedName, TableKind, TypeKind, UniqueKey};

    fn ident(name: &str) -> Ident {
        Ident::parse(name).unwrap()
    }

    fn column(name: &str) -> Column {
        Column {
            name: ident(name),
            data_type: DataType {
                oid: 25,
                sql: "text".into(),
                kind: TypeKind::Base("text".into()),
            },
            nullable: false,
            default: None,
            generated: Generated::Never,
            comment: None,
        }
    }

    #[test]
    fn a_constraint_leads_to_its_columns() {
        let table = Table {
            name: QualifiedName::new(ident("public"), ident("lines")),
            kind: TableKind::Table,
            columns: ["invoice_id", "line", "quantity"].map(column).into(),
            primary_key: vec![ident("invoice_id"), ident("line")],
            unique_keys: vec![UniqueKey { name: ident("only_once"), columns: vec![ident("line")] }],
            foreign_keys: Vec::new(),
            estimated_rows: None,
            comment: None,
            row_security: false,
        };
        assert_eq!(constrained(&table, "lines_pkey"), ["invoice_id", "line"]);
        assert_eq!(constrained(&table, "only_once"), ["line"]);
        assert_eq!(constrained(&table, "lines_quantity_check"), ["quantity"]);
        assert_eq!(constrained(&table, "something_else"), [""; 0]);
    }
}

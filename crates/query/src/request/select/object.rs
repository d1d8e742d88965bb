//! The object form: `{"id": true, "orders": {"select": {…}, "as": "latest", "limit": 3}}`.

use super::{EmbedRequest, Reader, Selected, Selection, invalid};
use crate::request::{error::RequestError, fields::Fields, order, relation};
use serde_json::{Map, Value};

const SELECT: &[&str] = &["select", "columns"];
const ALIAS: &[&str] = &["as"];
const HINT: &[&str] = &["via"];
const SCHEMA: &[&str] = &["schema"];
const WHERE: &[&str] = &["where"];
const ORDER: &[&str] = &["orderBy", "order_by"];
const LIMIT: &[&str] = &["limit"];
const OFFSET: &[&str] = &["offset"];
const INNER: &[&str] = &["inner"];

impl Reader<'_, '_> {
    pub(super) fn object(
        &mut self,
        members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<Selection, RequestError> {
        let mut selection = Selection::default();
        for (name, value) in members {
            match value {
                Value::Bool(true) if name == "*" => selection.columns.push(Selected::Every),
                Value::Bool(true) => selection.columns.push(self.column(name, None)),
                Value::Bool(false) | Value::Null => {}
                Value::Object(members) => {
                    selection.embeds.push(self.tree(&name, members, path, depth)?);
                }
                Value::String(_) | Value::Number(_) | Value::Array(_) => {
                    let path = format!("{path}.{name}");
                    return Err(invalid(&path, "true, false, or an object for a related table"));
                }
            }
        }
        if selection.columns.is_empty() && selection.embeds.is_empty() {
            return Err(invalid(path, "an object of at least one column"));
        }
        Ok(selection)
    }

    fn tree(
        &mut self,
        name: &str,
        members: Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<EmbedRequest, RequestError> {
        let path = format!("{path}.{name}");
        let depth = self.embed(&path, depth)?;
        let mut fields = Fields::of_present(members, &path);
        fields
            .refuse_unknown(&[SELECT, ALIAS, HINT, SCHEMA, WHERE, ORDER, LIMIT, OFFSET, INNER])?;
        let schema = fields.take_text(SCHEMA)?.filter(|schema| !schema.is_empty());
        let relation = relation::parse(name, schema)
            .map_err(|_not_a_name| invalid(&path, "the name of a related table"))?;
        let selection = match fields.take(SELECT)? {
            None => Selection::default(),
            Some(value) => self.value(value, &format!("{path}.select"), depth)?,
        };
        let filter = fields.take(WHERE)?;
        let filter = self.conditions.object(filter, &format!("{path}.where"))?;
        let order = fields.take(ORDER)?;
        let order = order.map(|order| order::parse(order, self.options)).transpose()?;
        Ok(EmbedRequest {
            relation,
            alias: fields.take_text(ALIAS)?.filter(|alias| !alias.is_empty()),
            hint: fields.take_text(HINT)?.filter(|hint| !hint.is_empty()),
            is_inner: fields.take_bool(INNER)?,
            selection,
            filter,
            order: order.unwrap_or_default(),
            limit: fields.take_count(LIMIT)?,
            offset: fields.take_count(OFFSET)?.unwrap_or(0),
            path,
        })
    }
}

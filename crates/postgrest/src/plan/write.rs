//! Inserting, updating, deleting.

use super::{
    fields::{Column, Columns, LogicTree},
    read::ReadNode,
};
use crate::{
    RestError,
    request::{
        Comparison, Filter, Mutation, Operation, Payload, Request,
        prefer::{Missing, Representation, Resolution},
    },
    schema::{Cardinality, Relation, Relationship, SchemaCache},
};
use bytes::Bytes;
use catalog::QualifiedName;
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
pub(crate) struct WritePlan {
    pub(crate) relation: QualifiedName,
    pub(crate) columns: Vec<Column>,
    pub(crate) body: Bytes,
    pub(crate) filters: Vec<LogicTree>,
    /// Columns of the changed rows; none when only their number is of interest.
    pub(crate) returning: Vec<String>,
    pub(crate) conflict: Option<(Resolution, Vec<String>)>,
    pub(crate) primary_key: Vec<String>,
    /// What the body leaves out takes the column's default instead of null.
    pub(crate) applies_defaults: bool,
}

pub(super) fn plan(
    request: &Request,
    cache: &SchemaCache,
    mutation: Mutation,
    name: &QualifiedName,
    read: &ReadNode,
) -> Result<WritePlan, RestError> {
    let relation = cache.find_relation(name.schema.as_str(), name.name.as_str())?;
    let primary_key: Vec<String> =
        relation.primary_key.iter().map(|column| column.as_str().to_owned()).collect();
    if mutation == Mutation::Upsert {
        check_put(request, &primary_key)?;
    }
    let columns = given_columns(request, cache, mutation, relation)?;
    let is_minimal =
        matches!(request.preferences.representation, None | Some(Representation::Minimal));
    let returning = if is_minimal { Vec::new() } else { needed(read, &primary_key) };
    let conflict = match mutation {
        Mutation::Insert => {
            let columns = request.query.on_conflict.as_ref().unwrap_or(&primary_key).clone();
            request.preferences.resolution.map(|resolution| (resolution, columns))
        }
        Mutation::Upsert => Some((Resolution::MergeDuplicates, primary_key.clone())),
        Mutation::Update | Mutation::Delete => None,
    };
    let body = match &request.payload {
        Some(Payload::Json(body) | Payload::Raw(body)) => body.clone(),
        Some(Payload::Form(_)) | None => Bytes::new(),
    };
    let applies_defaults =
        request.preferences.missing == Some(Missing::Default) && mutation != Mutation::Upsert;
    Ok(WritePlan {
        relation: name.clone(),
        columns,
        body,
        filters: if mutation == Mutation::Insert {
            Vec::new()
        } else {
            filters(request, cache, name)
        },
        returning,
        conflict,
        primary_key,
        applies_defaults,
    })
}

fn given_columns(
    request: &Request,
    cache: &SchemaCache,
    mutation: Mutation,
    relation: &Relation,
) -> Result<Vec<Column>, RestError> {
    if mutation == Mutation::Delete {
        return Ok(Vec::new());
    }
    let columns = Columns::of(cache, &relation.name);
    let known = request.columns.iter().map(|name| {
        let known = relation.find_column(name)?;
        Ok(columns.input(known))
    });
    known.collect()
}

/// PUT replaces exactly the row that its address names.
fn check_put(request: &Request, primary_key: &[String]) -> Result<(), RestError> {
    let query = &request.query;
    let key: BTreeSet<String> = primary_key.iter().cloned().collect();
    let is_equality = |filter: &Filter| {
        let is_equal = matches!(
            filter.operation,
            Operation::Compare { comparison: Comparison::Equal, quantifier: None, .. }
        );
        is_equal && !filter.is_negated
    };
    let of_root = query.filters.iter().filter(|(path, _)| path.is_empty());
    let fits = query.logic.is_empty()
        && !key.is_empty()
        && query.filter_keys == key
        && of_root.map(|(_, filter)| filter).all(is_equality);
    if fits { Ok(()) } else { Err(RestError::PutFilters) }
}

fn filters(request: &Request, cache: &SchemaCache, name: &QualifiedName) -> Vec<LogicTree> {
    let columns = Columns::of(cache, name);
    let query = &request.query;
    let filters = query.filters.iter().filter(|(path, _)| path.is_empty());
    let logic = query.logic.iter().filter(|(path, _)| path.is_empty());
    filters
        .map(|(_, filter)| LogicTree::Filter(columns.filter(filter)))
        .chain(logic.map(|(_, logic)| columns.logic(logic)))
        .collect()
}

/// The columns that the answer and its embeds need of the rows.
pub(super) fn needed(read: &ReadNode, primary_key: &[String]) -> Vec<String> {
    let names = || read.select.iter().map(|field| &field.column.name);
    let links = || read.children.iter().filter_map(|child| child.link.as_ref());
    // What a computed embed needs of the row is known to its function only.
    let is_computed =
        links().any(|link| matches!(link.relationship, Relationship::Computed { .. }));
    if is_computed || names().any(|name| name == "*") {
        return vec!["*".to_owned()];
    }
    let mut needed: BTreeSet<String> = names().cloned().collect();
    read.filters.iter().for_each(|filter| filtered_by(filter, &mut needed));
    let orders = read.order.iter().filter(|term| term.related.is_none());
    needed.extend(orders.map(|term| term.column.name.clone()));
    for link in links() {
        let own = match link.relationship.cardinality() {
            Some(Cardinality::ManyToMany(junction)) => junction.source_columns.as_slice(),
            Some(other) => other.key().map_or(&[][..], |key| key.columns.as_slice()),
            None => &[],
        };
        needed.extend(own.iter().map(|(column, _)| column.as_str().to_owned()));
    }
    needed.extend(primary_key.iter().cloned());
    needed.into_iter().collect()
}

fn filtered_by(tree: &LogicTree, needed: &mut BTreeSet<String>) {
    match tree {
        LogicTree::Filter(filter) => {
            needed.insert(filter.column.name.clone());
        }
        LogicTree::Embed { .. } => {}
        LogicTree::Group { members, .. } => {
            members.iter().for_each(|member| filtered_by(member, needed));
        }
    }
}

//! Which foreign keys lead from a table to the relation that was named.

use super::Junction;
use crate::plan::PlanError;
use crate::request::{EmbedRequest, RelationName};
use catalog::{ForeignKey, Ident, QualifiedName, SchemaCache, Table};
use std::sync::Arc;

/// How rows of the outer table and rows of `table` belong together.
pub(super) struct Relationship {
    pub(super) table: Arc<Table>,
    pub(super) on: Vec<(Ident, Ident)>,
    pub(super) junction: Option<Junction>,
    pub(super) is_one: bool,
}

/// A relationship, and the words that choose it.
struct Candidate {
    relationship: Relationship,
    direction: Direction,
    /// Any of these is a hint for it; the first is offered.
    names: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// The outer table points at the other.
    Parent,
    /// The other points here.
    Child,
    Between,
}

pub(super) fn find(
    request: &EmbedRequest,
    outer: &Arc<Table>,
    cache: &SchemaCache,
) -> Result<Relationship, PlanError> {
    let (relation, direction) = without_direction(&request.relation, cache);
    let mut found = candidates(&relation, outer, cache);
    if let Some(direction) = direction {
        found.retain(|candidate| candidate.direction == direction);
    }
    if let Some(hint) = &request.hint {
        found.retain(|candidate| candidate.names.contains(hint));
    }
    let name = request.relation.name.clone();
    let (table, path) = (outer.name.clone(), request.path.clone());
    match found.len() {
        0 => Err(PlanError::UnknownRelationship { table, name, path }),
        1 => Ok(found.remove(0).relationship),
        _ => {
            let candidates = found.iter().map(described).collect();
            let others = found.iter().flat_map(others).collect();
            Err(PlanError::AmbiguousRelationship { table, name, path, candidates, others })
        }
    }
}

/// `parent.users` and `child.users` say which of two tables holds the key.
fn without_direction(
    relation: &RelationName,
    cache: &SchemaCache,
) -> (RelationName, Option<Direction>) {
    let direction = match relation.schema.as_deref() {
        Some("parent") => Direction::Parent,
        Some("child") => Direction::Child,
        _ => return (relation.clone(), None),
    };
    if cache.table(relation.schema.as_deref(), &relation.name).is_some() {
        return (relation.clone(), None);
    }
    (RelationName { schema: None, name: relation.name.clone() }, Some(direction))
}

fn candidates(relation: &RelationName, outer: &Table, cache: &SchemaCache) -> Vec<Candidate> {
    let by_column = outer
        .foreign_keys
        .iter()
        .filter(|key| relation.schema.is_none() && is_column(key, &relation.name));
    let by_column: Vec<_> = by_column.filter_map(|key| parent(key, cache)).collect();
    if !by_column.is_empty() {
        return by_column;
    }
    let beside = Some(outer.name.schema.as_str());
    let other = cache
        .table(relation.schema.as_deref(), &relation.name)
        .or_else(|| relation.schema.is_none().then(|| cache.table(beside, &relation.name))?);
    let Some(other) = other else { return Vec::new() };
    let mut found = Vec::new();
    let parents = outer.foreign_keys.iter().filter(|key| key.target == other.name);
    found.extend(parents.filter_map(|key| parent(key, cache)));
    let children = other.foreign_keys.iter().filter(|key| key.target == outer.name);
    found.extend(children.map(|key| child(key, other)));
    let mut tables: Vec<_> = cache.tables().collect();
    tables.sort_by_cached_key(|table| table.name.to_string());
    for table in tables {
        found.extend(between(table, outer, other));
    }
    found
}

fn is_column(key: &ForeignKey, name: &str) -> bool {
    matches!(key.columns.as_slice(), [column] if column.as_str() == name)
}

fn names_of(key: &ForeignKey) -> Vec<String> {
    let mut names = vec![key.name.as_str().to_owned()];
    if let [column] = key.columns.as_slice() {
        names.push(column.as_str().to_owned());
    }
    names
}

fn parent(key: &ForeignKey, cache: &SchemaCache) -> Option<Candidate> {
    let table = cache.table(Some(key.target.schema.as_str()), key.target.name.as_str())?;
    let on = pairs(&key.columns, &key.target_columns);
    let relationship = Relationship { table: Arc::clone(table), on, junction: None, is_one: true };
    Some(Candidate { relationship, direction: Direction::Parent, names: names_of(key) })
}

fn child(key: &ForeignKey, other: &Arc<Table>) -> Candidate {
    let on = pairs(&key.target_columns, &key.columns);
    let is_one = is_unique(other, &key.columns);
    let relationship = Relationship { table: Arc::clone(other), on, junction: None, is_one };
    Candidate { relationship, direction: Direction::Child, names: names_of(key) }
}

/// A table whose key is made of keys to both.
fn between(table: &Arc<Table>, outer: &Table, other: &Arc<Table>) -> Vec<Candidate> {
    let is_in_key =
        |key: &ForeignKey| key.columns.iter().all(|column| table.primary_key.contains(column));
    let mut found = Vec::new();
    for here in table.foreign_keys.iter().filter(|key| key.target == outer.name && is_in_key(key)) {
        for there in
            table.foreign_keys.iter().filter(|key| key.target == other.name && is_in_key(key))
        {
            if here.name == there.name {
                continue;
            }
            let junction = Junction {
                table: Arc::clone(table),
                outer: pairs(&here.target_columns, &here.columns),
                inner: pairs(&there.columns, &there.target_columns),
            };
            let names = vec![
                there.name.as_str().to_owned(),
                here.name.as_str().to_owned(),
                table.name.name.as_str().to_owned(),
            ];
            let table = Arc::clone(other);
            let relationship =
                Relationship { table, on: Vec::new(), junction: Some(junction), is_one: false };
            found.push(Candidate { relationship, direction: Direction::Between, names });
        }
    }
    found
}

fn is_unique(table: &Table, columns: &[Ident]) -> bool {
    let covers =
        |key: &[Ident]| !key.is_empty() && key.iter().all(|column| columns.contains(column));
    covers(&table.primary_key) || table.unique_keys.iter().any(|key| covers(&key.columns))
}

fn pairs(left: &[Ident], right: &[Ident]) -> Vec<(Ident, Ident)> {
    left.iter().cloned().zip(right.iter().cloned()).collect()
}

fn others(candidate: &Candidate) -> Vec<QualifiedName> {
    let Relationship { table, junction, .. } = &candidate.relationship;
    let between = junction.as_ref().map(|junction| &junction.table);
    between.into_iter().chain([table]).map(|table| table.name.clone()).collect()
}

/// `orders_user_id_fkey: user_id = users.id`
fn described(candidate: &Candidate) -> String {
    let Relationship { table, on, junction, .. } = &candidate.relationship;
    let hint = candidate.names.first().map(String::as_str).unwrap_or_default();
    match junction {
        Some(junction) => format!("{hint}: through {}", junction.table.name),
        None => {
            let pair = |(outer, inner): &(Ident, Ident)| {
                format!("{} = {}.{}", outer.as_str(), table.name, inner.as_str())
            };
            format!("{hint}: {}", on.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
    }
}

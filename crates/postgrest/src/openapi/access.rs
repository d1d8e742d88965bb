//! What the role of a request may use.

use crate::schema::{Relation, Routine, SchemaCache};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// The question to the database: `$1` is the schema, the answer one row with one text.
///
/// It is asked in the transaction of the request, whose role and search path count.
pub const ACCESS_SQL: &str = include_str!("access.sql");

/// The answer to [`ACCESS_SQL`], or the whole schema where privileges are not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    relations: HashSet<String>,
    /// The types of each routine's parameters.
    routines: HashMap<u32, Vec<String>>,
}

#[derive(Deserialize)]
struct Answer {
    relations: Vec<String>,
    routines: Vec<RoutineAnswer>,
}

#[derive(Deserialize)]
struct RoutineAnswer {
    oid: u32,
    types: Vec<String>,
}

impl Access {
    pub fn parse(answer: &[u8]) -> Result<Self, serde_json::Error> {
        let answer: Answer = serde_json::from_slice(answer)?;
        let routines = answer.routines.into_iter();
        Ok(Self {
            relations: answer.relations.into_iter().collect(),
            routines: routines.map(|routine| (routine.oid, routine.types)).collect(),
        })
    }

    /// Whatever the privileges.
    pub fn everything(cache: &SchemaCache, schema: &str) -> Self {
        let relations = cache.relations(schema);
        let routines = cache.routines(schema).map(|routine| {
            let types = routine.parameters.iter().map(|parameter| parameter.data_type.clone());
            (routine.oid, types.collect())
        });
        Self {
            relations: relations.map(|it| it.name.name.as_str().to_owned()).collect(),
            routines: routines.collect(),
        }
    }

    pub(super) fn may_use(&self, relation: &Relation) -> bool {
        self.relations.contains(relation.name.name.as_str())
    }

    /// The types to show for a routine that may be called.
    pub(super) fn parameter_types(&self, routine: &Routine) -> Option<Vec<&str>> {
        let types = self.routines.get(&routine.oid)?;
        // Replaced since the schema was read: shown again when that has caught up.
        (types.len() == routine.parameters.len())
            .then(|| types.iter().map(String::as_str).collect())
    }
}

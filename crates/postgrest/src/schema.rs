//! What a client's database offers on this surface: relations, how they relate, routines, media.

mod bound;
mod error;
mod fuzzy;
mod lookup;
mod media;
mod relation;
mod relationship;
mod routine;
#[cfg(test)]
pub(crate) mod sample;
mod scope;
#[cfg(test)]
mod tests;

pub(crate) use bound::Bound;
pub use bound::BoundTable;
pub use error::{SchemaError, SchemaProblem};
pub use media::{DataRepresentation, HandlerTarget, MediaHandler};
pub use relation::{Column, Relation};
pub use relationship::{Cardinality, Junction, KeyColumns, Relationship};
pub use routine::{
    Isolation, Parameter, PgType, ReturnType, Routine, RoutineCall, SinglePayload, Volatility,
};
pub use scope::Scope;

use catalog::{Ident, QualifiedName};
use std::collections::{HashMap, HashSet};

/// All that is exposed of one database, as read at one moment.
///
/// Nothing of a schema that is not exposed is in here, except as the target of a handler or a cast.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SchemaCache {
    schemas: HashMap<Ident, Exposed>,
    /// By the source type, then by the target type.
    representations: HashMap<String, HashMap<String, DataRepresentation>>,
    media_handlers: HashMap<HandlerTarget, HashMap<String, MediaHandler>>,
    time_zones: HashSet<String>,
    /// Relations that stand for tables of other names.
    pub(crate) bound: Bound,
}

/// What one exposed schema holds.
#[derive(Debug, Clone, Default, PartialEq)]
struct Exposed {
    comment: Option<String>,
    relations: HashMap<Ident, Relation>,
    /// By the name of the table they start from; sorted, as errors list them.
    relationships: HashMap<Ident, Vec<Relationship>>,
    /// The schemas a table relates into, ways that cannot be gone included: then it is not mistyped.
    origins: HashMap<Ident, HashSet<Ident>>,
    /// Overloads, those with the fewest parameters first.
    routines: HashMap<Ident, Vec<Routine>>,
}

/// Everything that introspection read, before it is sorted into a [`SchemaCache`].
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// The exposed schemas with their comments.
    pub schemas: Vec<(Ident, Option<String>)>,
    pub relations: Vec<Relation>,
    pub relationships: Vec<Relationship>,
    pub routines: Vec<Routine>,
    pub representations: Vec<DataRepresentation>,
    pub media_handlers: Vec<MediaHandler>,
    pub time_zones: Vec<String>,
}

impl SchemaCache {
    /// Sort what was read; whatever belongs to a schema that is not exposed is dropped.
    pub fn new(parts: Parts) -> Self {
        let mut cache = Self::default();
        for (schema, comment) in parts.schemas {
            cache.schemas.entry(schema).or_default().comment = comment;
        }
        for relation in parts.relations {
            if let Some(exposed) = cache.schemas.get_mut(&relation.name.schema) {
                exposed.relations.insert(relation.name.name.clone(), relation);
            }
        }
        for routine in parts.routines {
            if let Some(exposed) = cache.schemas.get_mut(&routine.name.schema) {
                exposed.routines.entry(routine.name.name.clone()).or_default().push(routine);
            }
        }
        cache.add_relationships(parts.relationships);
        for representation in parts.representations {
            let by_target = cache.representations.entry(representation.source.clone()).or_default();
            by_target.insert(representation.target.clone(), representation);
        }
        for handler in parts.media_handlers {
            let by_target = cache.media_handlers.entry(handler.target.clone()).or_default();
            by_target.insert(handler.media_type.clone(), handler);
        }
        cache.time_zones = parts.time_zones.into_iter().collect();
        cache.sort();
        cache
    }

    fn add_relationships(&mut self, relationships: Vec<Relationship>) {
        let overridden: HashSet<(QualifiedName, QualifiedName)> =
            relationships.iter().filter_map(Relationship::overrides).collect();
        for relationship in relationships {
            let ends = (relationship.table().clone(), relationship.foreign_table().clone());
            if relationship.cardinality().is_some() && overridden.contains(&ends) {
                continue;
            }
            if !self.schemas.contains_key(&relationship.foreign_table().schema) {
                continue;
            }
            let junction_inside = relationship
                .junction()
                .is_none_or(|junction| self.schemas.contains_key(&junction.table.schema));
            let Some(exposed) = self.schemas.get_mut(&relationship.table().schema) else {
                continue;
            };
            let start = relationship.table().name.clone();
            let reached = relationship.reached_in().clone();
            exposed.origins.entry(start.clone()).or_default().insert(reached);
            if junction_inside {
                exposed.relationships.entry(start).or_default().push(relationship);
            }
        }
    }

    fn sort(&mut self) {
        for exposed in self.schemas.values_mut() {
            exposed.relationships.values_mut().for_each(|all| all.sort());
            exposed.routines.values_mut().for_each(|all| all.sort_by(Routine::fewest_first));
        }
    }
}

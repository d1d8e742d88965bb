//! Finding things, and saying what was found instead.

use super::{
    HandlerTarget, MediaHandler, Relation, Relationship, Routine, RoutineCall, SchemaCache,
    SchemaError,
};

impl SchemaCache {
    pub fn relation(&self, schema: &str, name: &str) -> Option<&Relation> {
        self.schemas.get(schema)?.relations.get(name)
    }

    /// All relations of a schema, in no order.
    pub fn relations(&self, schema: &str) -> impl Iterator<Item = &Relation> {
        self.schemas.get(schema).into_iter().flat_map(|exposed| exposed.relations.values())
    }

    /// All routines of a schema, in no order except that overloads stand together.
    pub fn routines(&self, schema: &str) -> impl Iterator<Item = &Routine> {
        self.schemas.get(schema).into_iter().flat_map(|exposed| exposed.routines.values().flatten())
    }

    /// The ways that start at a relation.
    pub fn relationships(&self, schema: &str, table: &str) -> &[Relationship] {
        let exposed = self.schemas.get(schema);
        exposed.and_then(|exposed| exposed.relationships.get(table)).map_or(&[], Vec::as_slice)
    }

    pub fn schema_comment(&self, schema: &str) -> Option<&str> {
        self.schemas.get(schema)?.comment.as_deref()
    }

    /// The function that turns one type into another, as SQL.
    pub fn representation(&self, source: &str, target: &str) -> Option<&str> {
        let key = (source.to_owned(), target.to_owned());
        self.representations.get(&key).map(|representation| representation.function.as_str())
    }

    /// The handler of exactly this target and media type.
    pub fn media_handler(&self, target: &HandlerTarget, media_type: &str) -> Option<&MediaHandler> {
        self.media_handlers.get(target)?.get(media_type)
    }

    pub fn has_time_zone(&self, name: &str) -> bool {
        self.time_zones.contains(name)
    }

    pub fn find_relation(&self, _schema: &str, _name: &str) -> Result<&Relation, SchemaError> {
        todo!()
    }

    pub fn find_relationship(
        &self,
        _schema: &str,
        _origin: &str,
        _target: &str,
        _hint: Option<&str>,
    ) -> Result<&Relationship, SchemaError> {
        todo!()
    }

    pub fn find_routine(&self, _call: &RoutineCall<'_>) -> Result<&Routine, SchemaError> {
        todo!()
    }
}

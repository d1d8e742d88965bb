//! Finding what is there.

use super::{
    Column, HandlerTarget, MediaHandler, Relation, Relationship, Routine, SchemaCache, SchemaError,
    fuzzy,
};
use catalog::Ident;

mod relationship;
mod routine;

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

    /// The routines of one name, those with the fewest parameters first.
    pub fn overloads(&self, schema: &str, name: &str) -> &[Routine] {
        let exposed = self.schemas.get(schema);
        exposed.and_then(|exposed| exposed.routines.get(name)).map_or(&[], Vec::as_slice)
    }

    /// The ways that start at a relation.
    pub fn relationships(&self, schema: &str, table: &str) -> &[Relationship] {
        let exposed = self.schemas.get(schema);
        exposed.and_then(|exposed| exposed.relationships.get(table)).map_or(&[], Vec::as_slice)
    }

    pub fn schema_comment(&self, schema: &str) -> Option<&str> {
        self.schemas.get(schema)?.comment.as_deref()
    }

    /// The function that turns one type into another, as SQL of the catalog's own.
    pub fn representation(&self, source: &str, target: &str) -> Option<&str> {
        let by_target = self.representations.get(source)?;
        by_target.get(target).map(|representation| representation.function.as_str())
    }

    /// The handler of exactly this target and media type.
    pub fn media_handler(&self, target: &HandlerTarget, media_type: &str) -> Option<&MediaHandler> {
        self.media_handlers.get(target)?.get(media_type)
    }

    pub fn has_time_zone(&self, name: &str) -> bool {
        self.time_zones.contains(name)
    }

    pub fn find_relation(&self, schema: &str, name: &str) -> Result<&Relation, SchemaError> {
        self.relation(schema, name).ok_or_else(|| {
            let names = self.relations(schema).map(|relation| relation.name.name.as_str());
            let suggestion = fuzzy::best(names, name, fuzzy::CLOSE).map(str::to_owned);
            SchemaError::NoTable { schema: schema.to_owned(), name: name.to_owned(), suggestion }
        })
    }
}

impl Relation {
    pub fn find_column(&self, name: &str) -> Result<&Column, SchemaError> {
        self.column(name).ok_or_else(|| SchemaError::NoColumn {
            relation: self.name.name.as_str().to_owned(),
            column: name.to_owned(),
        })
    }
}

fn is(name: &Ident, text: &str) -> bool {
    name.as_str() == text
}

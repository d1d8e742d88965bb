//! The way from one relation to another that an embed means.

use super::is;
use crate::schema::{
    Cardinality, Junction, KeyColumns, Relationship, SchemaCache, SchemaError, fuzzy,
};
use catalog::Ident;

impl SchemaCache {
    /// What `target!hint` means below `origin`.
    ///
    /// The target is a relation, a foreign key or its only column, or a routine; the hint is a
    /// foreign key, the only column of one on either side, or the relation between the two.
    pub fn find_relationship(
        &self,
        schema: &str,
        origin: &str,
        target: &str,
        hint: Option<&str>,
    ) -> Result<&Relationship, SchemaError> {
        let mut found = self.ways(schema, origin).filter(|way| means(way, target, hint));
        let Some(first) = found.next() else {
            return Err(self.no_relationship(schema, origin, target, hint));
        };
        let others: Vec<Relationship> = found.cloned().collect();
        if others.is_empty() {
            return Ok(first);
        }
        let found = std::iter::once(first.clone()).chain(others).collect();
        let (origin, target) = (origin.to_owned(), target.to_owned());
        Err(SchemaError::AmbiguousRelationship { origin, target, found })
    }

    fn no_relationship(
        &self,
        schema: &str,
        origin: &str,
        target: &str,
        hint: Option<&str>,
    ) -> SchemaError {
        SchemaError::NoRelationship {
            schema: schema.to_owned(),
            origin: origin.to_owned(),
            target: target.to_owned(),
            hint: hint.map(str::to_owned),
            suggestion: self.suggest(schema, origin, target),
        }
    }

    /// Another origin where this one relates to nothing, else another target.
    fn suggest(&self, schema: &str, origin: &str, target: &str) -> Option<(String, String)> {
        if !self.origins(schema).any(|known| is(known, origin)) {
            let origins = self.origins(schema).map(Ident::as_str);
            let meant = fuzzy::best(origins, origin, fuzzy::LIKELY)?;
            return Some((meant.to_owned(), origin.to_owned()));
        }
        let targets = self.ways(schema, origin).map(|way| way.foreign_table().name.as_str());
        let found = fuzzy::matches(targets, target, fuzzy::LIKELY);
        // A target that is there was not mistyped: then it is the hint that fits nothing.
        let meant = found.into_iter().find(|found| found.score < 1.0)?;
        Some((meant.name.to_owned(), target.to_owned()))
    }

    fn ways<'c>(&'c self, schema: &str, origin: &str) -> impl Iterator<Item = &'c Relationship> {
        self.relationships(schema, origin).iter().filter(move |way| is(way.reached_in(), schema))
    }

    /// The tables that relate to something in their own schema.
    fn origins(&self, schema: &str) -> impl Iterator<Item = &Ident> {
        let exposed = self.schemas.get(schema).into_iter();
        let all = exposed.flat_map(|exposed| exposed.origins.iter());
        all.filter(move |(_, reached)| reached.contains(schema)).map(|(name, _)| name)
    }
}

fn means(way: &Relationship, target: &str, hint: Option<&str>) -> bool {
    let (foreign_table, is_self, cardinality, foreign_table_is_view) = match way {
        Relationship::Computed { function, .. } => return is(&function.name, target),
        Relationship::Keyed {
            foreign_table, is_self, cardinality, foreign_table_is_view, ..
        } => (foreign_table, is_self, cardinality, foreign_table_is_view),
    };
    let names_table = is(&foreign_table.name, target);
    match (is_self, hint) {
        // One key goes both ways here: the table's name means its children, a column its parent.
        (true, None) => match cardinality {
            Cardinality::OneToMany(_) => names_table,
            Cardinality::ManyToOne(key) => has_own_column(key, target),
            _ => false,
        },
        (true, Some(hint)) => match cardinality {
            Cardinality::OneToMany(key) => names_table && has_foreign_column(key, hint),
            _ => false,
        },
        (false, None) => {
            let names_key = || {
                let key = cardinality.key();
                key.is_some_and(|key| is(&key.constraint, target) || has_own_column(key, target))
            };
            names_table || !foreign_table_is_view && names_key()
        }
        (false, Some(hint)) => names_table && fits(cardinality, hint),
    }
}

fn fits(cardinality: &Cardinality, hint: &str) -> bool {
    match cardinality {
        Cardinality::ManyToMany(Junction { table, .. }) => is(&table.name, hint),
        Cardinality::OneToMany(key)
        | Cardinality::ManyToOne(key)
        | Cardinality::OneToOne { key, .. } => {
            is(&key.constraint, hint) || has_own_column(key, hint) || has_foreign_column(key, hint)
        }
    }
}

fn has_own_column(key: &KeyColumns, name: &str) -> bool {
    key.single().is_some_and(|(own, _)| is(own, name))
}

fn has_foreign_column(key: &KeyColumns, name: &str) -> bool {
    key.single().is_some_and(|(_, foreign)| is(foreign, name))
}

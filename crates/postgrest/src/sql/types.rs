//! The type that a cast names.

use super::Sql;

/// Words of SQL's own for types, which are no identifiers and mean others when they are quoted.
const WORDS: [&str; 27] = [
    "bigint",
    "bit",
    "bit varying",
    "boolean",
    "char",
    "char varying",
    "character",
    "character varying",
    "dec",
    "decimal",
    "double precision",
    "float",
    "int",
    "integer",
    "interval",
    "nchar",
    "national character",
    "numeric",
    "real",
    "smallint",
    "time",
    "time with time zone",
    "time without time zone",
    "timestamp",
    "timestamp with time zone",
    "timestamp without time zone",
    "varchar",
];

impl Sql {
    /// A type by its name, which is folded as one without quotes would be.
    pub(super) fn type_name(&mut self, name: &str) -> &mut Self {
        let folded = name.to_ascii_lowercase();
        let words = folded.split_whitespace().collect::<Vec<_>>().join(" ");
        match WORDS.into_iter().find(|word| *word == words) {
            Some(word) => self.word(word),
            None => self.ident(&folded),
        }
    }

    /// The same around what is written in between.
    pub(super) fn cast(&mut self, to: Option<&str>, inner: impl FnOnce(&mut Self)) -> &mut Self {
        let Some(to) = to else {
            inner(self);
            return self;
        };
        self.word("CAST(");
        inner(self);
        self.word(" AS ").type_name(to).word(")")
    }
}

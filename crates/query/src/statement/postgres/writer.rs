//! Text and parameters of a statement, growing together.

use super::dialect::{Dialect, Postgres};
use crate::plan::{Access, BoundValue, Carrier};
use crate::request::{CastType, Window};
use crate::statement::{Param, RenderError, RowsWanted, SqlText, Statement};
use catalog::{Column, DataType, Ident, QualifiedName, TypeKind};

pub(in crate::statement) struct Writer {
    dialect: &'static dyn Dialect,
    /// The table whose columns are named.
    table: Option<Ident>,
    text: SqlText,
    params: Vec<Param>,
    /// What stands before a parameter's number.
    sign: &'static str,
    refused: Option<RenderError>,
    sources: usize,
    /// Whose columns are named, where several tables could be meant.
    source: Option<Source>,
    /// As what type columns are seen.
    cast: Option<CastType>,
}

/// The name of a table within one statement: `t1`, `t2`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::statement) struct Source(usize);

impl Default for Writer {
    fn default() -> Self {
        Self {
            dialect: &Postgres,
            table: None,
            text: SqlText::default(),
            params: Vec::new(),
            sign: "$",
            refused: None,
            sources: 0,
            source: None,
            cast: None,
        }
    }
}

impl Writer {
    pub(super) fn new(dialect: &'static dyn Dialect, relation: &QualifiedName) -> Self {
        Self { dialect, table: Some(relation.name.clone()), ..Self::default() }
    }

    /// Parameters are columns whose names begin so, and have numbers.
    pub(super) fn with_columns_for_values(self, sign: &'static str) -> Self {
        Self { sign, ..self }
    }

    /// The text alone, for a part of another.
    pub(super) fn into_text(self) -> Option<SqlText> {
        self.refused.is_none().then_some(self.text)
    }

    pub(super) fn finish(self, access: Access, rows: RowsWanted) -> Result<Statement, RenderError> {
        if let Some(reason) = self.refused {
            return Err(reason);
        }
        let (count, limit) = (self.params.len(), self.dialect.max_params());
        if count > limit {
            return Err(RenderError::TooManyValues { count, limit });
        }
        Ok(Statement::new(self.text, self.params, access, rows))
    }

    pub(super) fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    pub(in crate::statement) fn table(&self) -> Option<&Ident> {
        self.table.as_ref()
    }

    /// The dialect cannot say this; of several reasons the first is told.
    pub(in crate::statement) fn refuse(&mut self, reason: RenderError) {
        self.refused.get_or_insert(reason);
    }

    /// A name that no other table of the statement has.
    pub(super) fn new_source(&mut self) -> Source {
        self.sources += 1;
        Source(self.sources)
    }

    pub(super) fn source(&mut self, source: Source) -> &mut Self {
        self.text.bind("t", source.0);
        self
    }

    /// While `write` runs, columns are those of this table.
    pub(super) fn within<T>(
        &mut self,
        source: Option<Source>,
        write: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = std::mem::replace(&mut self.source, source);
        let written = write(self);
        self.source = before;
        written
    }

    pub(super) fn current_source(&self) -> Option<Source> {
        self.source
    }

    /// While `write` runs, columns are seen as this type.
    pub(super) fn seen_as(&mut self, cast: CastType, write: impl FnOnce(&mut Self)) {
        let before = self.cast.replace(cast);
        write(self);
        self.cast = before;
    }

    pub(in crate::statement) fn cast(&self) -> Option<CastType> {
        self.cast
    }

    /// `t1."column"::text`, or less where less says it.
    pub(super) fn column_of(&mut self, source: Option<Source>, name: &Ident) -> &mut Self {
        if let Some(source) = source {
            self.source(source).syntax(".");
        }
        self.ident(name);
        match self.cast {
            Some(cast) => self.syntax("::").type_name(&cast.data_type()),
            None => self,
        }
    }

    /// A column whose value is read.
    pub(super) fn column(&mut self, name: &Ident) -> &mut Self {
        self.dialect.column(self, name);
        self
    }

    /// A value that is written to a column.
    pub(super) fn given(&mut self, column: &Column, value: &BoundValue) -> &mut Self {
        self.dialect.value(self, column, value);
        self
    }

    /// A column's default, where other rows give a value.
    pub(super) fn default_of(&mut self, column: &Column) -> &mut Self {
        self.dialect.default_of(self, column);
        self
    }

    pub(in crate::statement) fn syntax(&mut self, words: &'static str) -> &mut Self {
        self.text.syntax(words);
        self
    }

    pub(in crate::statement) fn ident(&mut self, ident: &Ident) -> &mut Self {
        self.text.ident(ident);
        self
    }

    pub(super) fn qualified(&mut self, name: &QualifiedName) -> &mut Self {
        match self.dialect.only_schema() {
            Some(words) => self.text.syntax(words).ident(&name.name),
            None => self.text.qualified(name),
        };
        self
    }

    /// Each item, with commas between them.
    pub(super) fn listed<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.syntax(", ");
            }
            write(self, item);
        }
    }

    /// `$n` alone.
    pub(in crate::statement) fn bind(&mut self, param: Param) -> &mut Self {
        self.params.push(param);
        self.again()
    }

    /// The parameter bound last, once more.
    pub(in crate::statement) fn again(&mut self) -> &mut Self {
        self.text.bind(self.sign, self.params.len());
        self
    }

    /// Which of the rows: as few parameters as possible, because PostgreSQL plans a statement anew
    /// each time when it cannot know how many rows are wanted of it.
    pub(super) fn window(&mut self, window: Window) -> &mut Self {
        self.syntax(" LIMIT ");
        if is_usual(window.limit) {
            self.text.number(window.limit);
        } else {
            self.count(window.limit);
        }
        if window.offset > 0 {
            self.syntax(" OFFSET ").count(window.offset);
        }
        self
    }

    /// A number of rows.
    fn count(&mut self, count: u64) -> &mut Self {
        self.dialect.count(self, i64::try_from(count).unwrap_or(i64::MAX));
        self
    }

    /// `$n`, cast to the type it is for.
    pub(super) fn value(&mut self, data_type: &DataType, value: &BoundValue) -> &mut Self {
        self.bind(value.clone());
        let carrier = Carrier::of(data_type);
        self.syntax(carrier.cast());
        if carrier == Carrier::Text { self.cast_from_text(data_type) } else { self }
    }

    /// The name of a column of ours: `c1`, `c2`, …
    pub(super) fn numbered(&mut self, number: usize) -> &mut Self {
        self.text.bind("c", number);
        self
    }

    /// What stands before it is text, and becomes the type that a value of it is bound in.
    pub(super) fn read_from_text(&mut self, data_type: &DataType) -> &mut Self {
        match Carrier::of(data_type) {
            Carrier::Text => self.cast_from_text(data_type),
            carrier => self.syntax(carrier.cast()),
        }
    }

    /// `$n`, cast to an array of the type.
    pub(super) fn array(&mut self, element: &DataType, text: String) -> &mut Self {
        self.bind(Param::Text(text)).syntax("::text::");
        self.type_name(element).syntax("[]")
    }

    /// From text to the type, unless text is what it takes.
    fn cast_from_text(&mut self, data_type: &DataType) -> &mut Self {
        match data_type.base_name() {
            "text" | "varchar" | "name" => self,
            _ => self.syntax("::").type_name(data_type),
        }
    }

    /// Without a modifier, and for a domain the type it is over: the column itself checks the rest,
    /// where a cast would cut or round.
    fn type_name(&mut self, data_type: &DataType) -> &mut Self {
        let data_type = data_type.underlying();
        match &data_type.kind {
            TypeKind::Array(element) => self.type_name(element).syntax("[]"),
            TypeKind::Base(name) => match built_in(name) {
                Some(words) => self.syntax(words),
                None => self.spelled(data_type),
            },
            TypeKind::Enum(_)
            | TypeKind::Domain(_)
            | TypeKind::Range
            | TypeKind::Composite
            | TypeKind::Other => self.spelled(data_type),
        }
    }

    fn spelled(&mut self, data_type: &DataType) -> &mut Self {
        self.text.type_name(data_type);
        self
    }
}

/// A number of rows that many requests ask for: few enough of them that each has its own prepared
/// statement.
fn is_usual(limit: u64) -> bool {
    limit <= 100 || (limit <= 10_000 && limit.is_multiple_of(100))
}

/// Types whose name in the catalog is also their name in SQL, with no length implied:
/// `character` and `bit` alone would mean one of them.
fn built_in(name: &str) -> Option<&'static str> {
    const NAMES: [&str; 31] = [
        "bool",
        "int2",
        "int4",
        "int8",
        "float4",
        "float8",
        "numeric",
        "money",
        "text",
        "varchar",
        "bpchar",
        "name",
        "bytea",
        "uuid",
        "json",
        "jsonb",
        "date",
        "time",
        "timetz",
        "timestamp",
        "timestamptz",
        "interval",
        "inet",
        "cidr",
        "macaddr",
        "xml",
        "varbit",
        "tsvector",
        "tsquery",
        "oid",
        "point",
    ];
    if name == "bit" {
        return Some("\"bit\"");
    }
    NAMES.iter().find(|known| **known == name).copied()
}

//! Text and parameters of a statement, growing together.

use crate::plan::{Access, BoundValue, Carrier};
use crate::statement::{Param, RenderError, RowsWanted, SqlText, Statement};
use catalog::{DataType, Ident, QualifiedName, TypeKind};

/// What the wire protocol can number.
const MAX_PARAMS: usize = 65_535;

#[derive(Default)]
pub(super) struct Writer {
    text: SqlText,
    params: Vec<Param>,
}

impl Writer {
    pub(super) fn finish(self, access: Access, rows: RowsWanted) -> Result<Statement, RenderError> {
        let count = self.params.len();
        if count > MAX_PARAMS {
            return Err(RenderError::TooManyValues { count, limit: MAX_PARAMS });
        }
        Ok(Statement::new(self.text, self.params, access, rows))
    }

    pub(super) fn syntax(&mut self, words: &'static str) -> &mut Self {
        self.text.syntax(words);
        self
    }

    pub(super) fn ident(&mut self, ident: &Ident) -> &mut Self {
        self.text.ident(ident);
        self
    }

    pub(super) fn qualified(&mut self, name: &QualifiedName) -> &mut Self {
        self.text.qualified(name);
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
    pub(super) fn bind(&mut self, param: Param) -> &mut Self {
        self.params.push(param);
        self.text.bind("$", self.params.len());
        self
    }

    /// A number of rows.
    pub(super) fn count(&mut self, count: u64) -> &mut Self {
        self.bind(Param::Int8(i64::try_from(count).unwrap_or(i64::MAX))).syntax("::int8")
    }

    /// `$n`, cast to the type it is for.
    pub(super) fn value(&mut self, data_type: &DataType, value: &BoundValue) -> &mut Self {
        self.bind(value.clone());
        match Carrier::of(data_type) {
            Carrier::Bool => self.syntax("::bool"),
            Carrier::Int2 => self.syntax("::int2"),
            Carrier::Int4 => self.syntax("::int4"),
            Carrier::Int8 => self.syntax("::int8"),
            Carrier::Float8 => self.syntax("::float8"),
            Carrier::Uuid => self.syntax("::uuid"),
            Carrier::Text => self.syntax("::text").cast(data_type),
        }
    }

    /// `$n`, cast to an array of the type.
    pub(super) fn array(&mut self, element: &DataType, text: String) -> &mut Self {
        self.bind(Param::Text(text)).syntax("::text::");
        self.type_name(element).syntax("[]")
    }

    /// From text to the type, unless text is what it takes.
    fn cast(&mut self, data_type: &DataType) -> &mut Self {
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

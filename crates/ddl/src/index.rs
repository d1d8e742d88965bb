//! Indexes: of every method, unique, partial, with further columns, beside running writes.

use crate::{
    change::{Change, Framing, Guard, Kind, Object, Request},
    condition::Condition,
    error::DdlError,
    fields::{Fields, ident},
    sql::{Sql, Statement},
};
use catalog::{Ident, QualifiedName};
use serde_json::Value;

pub const METHODS: [&str; 6] = ["btree", "hash", "gin", "gist", "spgist", "brin"];

/// One column of the index.
struct Part {
    column: Ident,
    operators: Option<Ident>,
    order: Option<&'static str>,
    nulls: Option<&'static str>,
}

struct Index {
    name: Ident,
    table: QualifiedName,
    parts: Vec<Part>,
    include: Vec<Ident>,
    condition: Option<Condition>,
    method: &'static str,
    is_unique: bool,
    concurrently: bool,
    if_not_exists: bool,
}

/// `POST /management/indexes`
pub fn create_index(body: Value) -> Result<Request, DdlError> {
    let mut fields = Fields::of(body)?;
    let index = Index::read(&mut fields)?;
    let dry_run = fields.flag("dry_run", false)?;
    fields.finish()?;
    let own = QualifiedName::new(index.table.schema.clone(), index.name.clone());
    let mut change = Change::new(Kind::CreateIndex, Some(own.schema.clone()), own.name.clone());
    change.table = Some(index.table.name.clone());
    change.rights.push(&["management.indexes.write"]);
    change.statements.push(index.sql());
    if index.concurrently {
        let removal = removal(&own, true, true, false);
        change.framing = Framing::Alone { leftover: Some((own.clone(), removal)) };
    }
    if index.if_not_exists {
        change.guard = Guard::UnlessThere(Object::Relation(own));
    }
    Ok(Request { change, dry_run })
}

impl Index {
    fn read(fields: &mut Fields) -> Result<Self, DdlError> {
        let table = fields.relation("table_name")?;
        let parts = fields.list("columns")?;
        let parts: Vec<Part> =
            parts.into_iter().map(|(path, value)| part(value, path)).collect::<Result<_, _>>()?;
        if parts.is_empty() {
            return Err(fields.missing("columns"));
        }
        let name = match fields.ident("index_name")? {
            Some(name) => name,
            None => own_name(&table.name, &parts)?,
        };
        let condition = match fields.take("where") {
            Some(value) => Some(Condition::of(value, &fields.path("where"))?),
            None => None,
        };
        let expected = "btree, hash, gin, gist, spgist or brin";
        Ok(Self {
            name,
            table,
            parts,
            include: fields.idents("include")?,
            condition,
            method: fields.word("method", &METHODS, expected)?.unwrap_or("btree"),
            is_unique: fields.flag("unique", false)?,
            concurrently: fields.flag("concurrently", false)?,
            if_not_exists: fields.flag("if_not_exists", false)?,
        })
    }

    fn sql(&self) -> Statement {
        let mut sql = Sql::new("CREATE ");
        sql.words_if(self.is_unique, "UNIQUE ").words("INDEX ");
        sql.words_if(self.concurrently, "CONCURRENTLY ");
        sql.words_if(self.if_not_exists, "IF NOT EXISTS ").ident(&self.name);
        sql.words(" ON ").name(&self.table).words(" USING ").words(self.method).words(" (");
        sql.list(&self.parts, |sql, part| part.write(sql)).words(")");
        if !self.include.is_empty() {
            sql.words(" INCLUDE ").idents(&self.include);
        }
        if let Some(condition) = &self.condition {
            sql.words(" WHERE ");
            condition.write(&mut sql);
        }
        sql.finish()
    }
}

impl Part {
    fn write(&self, sql: &mut Sql) {
        sql.ident(&self.column);
        if let Some(operators) = &self.operators {
            sql.words(" ").ident(operators);
        }
        match self.order {
            Some("desc") => sql.words(" DESC"),
            Some(_) => sql.words(" ASC"),
            None => sql,
        };
        match self.nulls {
            Some("first") => sql.words(" NULLS FIRST"),
            Some(_) => sql.words(" NULLS LAST"),
            None => sql,
        };
    }
}

/// The name of a column, or `{column, order?, nulls?, operator_class?}`.
fn part(value: Value, path: String) -> Result<Part, DdlError> {
    if let Value::String(text) = value {
        let column = ident(&text, &path)?;
        return Ok(Part { column, operators: None, order: None, nulls: None });
    }
    let mut fields = Fields::within(value, path)?;
    let part = Part {
        column: fields.needed_ident("column")?,
        operators: fields.ident("operator_class")?,
        order: fields.word("order", &["asc", "desc"], "asc or desc")?,
        nulls: fields.word("nulls", &["first", "last"], "first or last")?,
    };
    fields.finish()?;
    Ok(part)
}

/// `{table}_{columns}_idx`, cut where it would be too long for a name.
fn own_name(table: &Ident, parts: &[Part]) -> Result<Ident, DdlError> {
    let mut name = table.to_string();
    for part in parts {
        name.push('_');
        name.push_str(part.column.as_str());
    }
    while name.len() > Ident::MAX_BYTES - "_idx".len() {
        name.pop();
    }
    ident(&format!("{name}_idx"), "index_name")
}

/// `DELETE /management/indexes/{index}`
pub fn drop_index(index: &str, body: Value) -> Result<Request, DdlError> {
    let mut fields = Fields::of(body)?;
    let index = QualifiedName::new(fields.schema()?, ident(index, "index")?);
    let cascade = fields.flag("cascade", false)?;
    let if_exists = fields.flag("if_exists", false)?;
    let concurrently = fields.flag("concurrently", false)?;
    let dry_run = fields.flag("dry_run", false)?;
    if concurrently && cascade {
        return Err(fields.invalid("cascade", "false beside concurrently"));
    }
    fields.finish()?;
    let mut change = Change::new(Kind::DropIndex, Some(index.schema.clone()), index.name.clone());
    change.rights.push(&["management.indexes.drop"]);
    change.statements.push(removal(&index, if_exists, concurrently, cascade));
    if concurrently {
        change.framing = Framing::Alone { leftover: None };
    }
    if if_exists {
        change.guard = Guard::IfThere(Object::Relation(index));
    }
    Ok(Request { change, dry_run })
}

fn removal(index: &QualifiedName, if_exists: bool, concurrently: bool, cascade: bool) -> Statement {
    let mut sql = Sql::new("DROP INDEX ");
    sql.words_if(concurrently, "CONCURRENTLY ").words_if(if_exists, "IF EXISTS ").name(index);
    sql.words_if(cascade, " CASCADE");
    sql.finish()
}

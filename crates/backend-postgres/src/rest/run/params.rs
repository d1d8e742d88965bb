//! Values bound as PostgREST binds them: most have the type that their place asks for.
//!
//! The driver sends values in binary form only, so a text of a type that is not text is bound as
//! text and cast: what the database would do with a literal.

use super::places::places;
use crate::{error::RunError, execute::trusted, script::TypeNames};
use backend::{RestParam, RestStatement};
use sqlx::{
    Arguments, Either, Encode, Executor, PgConnection, Statement, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, Postgres, types::Oid},
};
use std::{collections::HashMap, sync::Arc};

// The numbers are fixed in PostgreSQL's pg_type.dat.
const INFERRED: u32 = 0;
const BYTEA: u32 = 17;
const TEXT: u32 = 25;
const JSON: u32 = 114;
/// name, text, json, xml, unknown, bpchar and varchar are text in binary form too.
const TEXT_LIKE: [u32; 7] = [19, TEXT, JSON, 142, 705, 1042, 1043];

/// The statement's text, with casts where they are needed, and its values.
pub(super) async fn bound(
    connection: &mut PgConnection,
    types: &TypeNames,
    statement: RestStatement,
) -> Result<(String, PgArguments), RunError> {
    let RestStatement { sql, params } = statement;
    if params.len() > usize::from(u16::MAX) {
        return Err(RunError::TooManyValues { count: params.len() });
    }
    let sql = told_apart(sql, &params);
    let text = match params.iter().any(is_inferred) {
        true => with_casts(connection, types, sql, &params).await?,
        false => sql,
    };
    let mut arguments = PgArguments::default();
    for param in params {
        Arguments::add(&mut arguments, Bound(param)).map_err(sqlx::Error::Encode)?;
    }
    Ok((text, arguments))
}

fn is_inferred(param: &RestParam) -> bool {
    matches!(param, RestParam::Unknown(_) | RestParam::Null)
}

/// The session knows a prepared statement by its text alone, and the types of the values are part
/// of what was prepared.
fn told_apart(mut sql: String, params: &[RestParam]) -> String {
    if params.iter().all(is_inferred) {
        return sql;
    }
    sql.push_str("\n-- ");
    sql.extend(params.iter().map(|param| match param {
        RestParam::Null | RestParam::Unknown(_) => 'u',
        RestParam::Text(_) => 't',
        RestParam::Json(_) => 'j',
        RestParam::Bytes(_) => 'b',
    }));
    sql
}

/// Ask what type each place has; a round trip the first time, and none afterwards.
async fn with_casts(
    connection: &mut PgConnection,
    types: &TypeNames,
    sql: String,
    params: &[RestParam],
) -> Result<String, RunError> {
    let wanted: Vec<_> = params.iter().map(|param| PgTypeInfo::with_oid(Oid(oid(param)))).collect();
    let described = connection.prepare_with(trusted(&sql), &wanted).await?;
    let found = match described.parameters() {
        Some(Either::Left(found)) => found.to_vec(),
        Some(Either::Right(_)) | None => Vec::new(),
    };
    let mut casts: HashMap<usize, Arc<str>> = HashMap::new();
    for (index, (param, type_info)) in params.iter().zip(&found).enumerate() {
        let is_text = type_info.oid().is_some_and(|oid| TEXT_LIKE.contains(&oid.0));
        if is_inferred(param) && !is_text {
            casts.insert(index + 1, types.of(connection, type_info).await?);
        }
    }
    Ok(if casts.is_empty() { sql } else { cast(&sql, &casts) })
}

/// `$2` becomes `CAST($2::text AS "pg_catalog"."date")`.
fn cast(sql: &str, casts: &HashMap<usize, Arc<str>>) -> String {
    let mut text = String::with_capacity(sql.len() + casts.len() * 48);
    let mut copied = 0;
    for place in places(sql) {
        let Some(type_name) = casts.get(&place.number) else { continue };
        text.push_str(&sql[copied..place.span.start]);
        text.push_str("CAST(");
        text.push_str(&sql[place.span.clone()]);
        text.push_str("::text AS ");
        text.push_str(type_name);
        text.push(')');
        copied = place.span.end;
    }
    text.push_str(&sql[copied..]);
    text
}

fn oid(param: &RestParam) -> u32 {
    match param {
        RestParam::Null | RestParam::Unknown(_) => INFERRED,
        RestParam::Text(_) => TEXT,
        RestParam::Json(_) => JSON,
        RestParam::Bytes(_) => BYTEA,
    }
}

struct Bound(RestParam);

impl Type<Postgres> for Bound {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(INFERRED))
    }
}

impl<'q> Encode<'q, Postgres> for Bound {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match &self.0 {
            RestParam::Null => return Ok(IsNull::Yes),
            RestParam::Unknown(text) | RestParam::Text(text) => {
                buffer.extend_from_slice(text.as_bytes());
            }
            RestParam::Json(bytes) | RestParam::Bytes(bytes) => buffer.extend_from_slice(bytes),
        }
        Ok(IsNull::No)
    }

    // The statement knows its types already.
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(oid(&self.0))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_stands_around_each_place_of_its_value() {
        let casts = HashMap::from([(2, Arc::from("\"pg_catalog\".\"date\""))]);
        let text = cast("a = $1 and b > $2 or c < $2", &casts);
        let date = "CAST($2::text AS \"pg_catalog\".\"date\")";
        assert_eq!(text, format!("a = $1 and b > {date} or c < {date}"));
    }

    #[test]
    fn statements_with_values_of_other_types_have_other_texts() {
        let json = [RestParam::Json(bytes::Bytes::new()), RestParam::Null];
        let text = [RestParam::Text(String::new()), RestParam::Null];
        let sql = "select $1, $2".to_owned();
        assert_ne!(told_apart(sql.clone(), &json), told_apart(sql.clone(), &text));
        assert_eq!(told_apart(sql.clone(), &[RestParam::Null]), sql);
    }
}

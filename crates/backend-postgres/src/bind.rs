//! Values bound to `$n`, in PostgreSQL's binary form.

use query::Param;
use sqlx::{
    Arguments, Encode, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, Postgres, types::Oid},
};

struct Bound<'a>(&'a Param);

/// Lets the database infer the type from where the parameter stands.
const INFERRED: u32 = 0;

impl Bound<'_> {
    // The numbers are fixed in PostgreSQL's pg_type.dat.
    fn oid(&self) -> u32 {
        match self.0 {
            Param::Null => INFERRED,
            Param::Bool(_) => 16,
            Param::Int2(_) => 21,
            Param::Int4(_) => 23,
            Param::Int8(_) => 20,
            Param::Float8(_) => 701,
            Param::Uuid(_) => 2950,
            Param::Text(_) => 25,
        }
    }
}

impl Type<Postgres> for Bound<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(INFERRED))
    }
}

impl<'q> Encode<'q, Postgres> for Bound<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match self.0 {
            Param::Null => return Ok(IsNull::Yes),
            Param::Bool(value) => buffer.push(u8::from(*value)),
            Param::Int2(value) => buffer.extend_from_slice(&value.to_be_bytes()),
            Param::Int4(value) => buffer.extend_from_slice(&value.to_be_bytes()),
            Param::Int8(value) => buffer.extend_from_slice(&value.to_be_bytes()),
            Param::Float8(value) => buffer.extend_from_slice(&value.to_be_bytes()),
            Param::Uuid(value) => buffer.extend_from_slice(value.as_bytes()),
            Param::Text(value) => buffer.extend_from_slice(value.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.oid())))
    }
}

pub(crate) fn arguments(params: &[Param]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for param in params {
        Arguments::add(&mut arguments, Bound(param)).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

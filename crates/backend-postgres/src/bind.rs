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

/// The parameter in one place of many lists, as one array.
struct Column<'a> {
    lists: &'a [&'a [Param]],
    at: usize,
}

impl Column<'_> {
    fn like(&self) -> Option<&Param> {
        self.lists.first()?.get(self.at)
    }

    // The numbers are fixed in PostgreSQL's pg_type.dat.
    fn oid(&self) -> u32 {
        match self.like() {
            None | Some(Param::Null) => INFERRED,
            Some(Param::Bool(_)) => 1000,
            Some(Param::Int2(_)) => 1005,
            Some(Param::Int4(_)) => 1007,
            Some(Param::Int8(_)) => 1016,
            Some(Param::Float8(_)) => 1022,
            Some(Param::Uuid(_)) => 2951,
            Some(Param::Text(_)) => 1009,
        }
    }
}

impl Type<Postgres> for Column<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(INFERRED))
    }
}

impl<'q> Encode<'q, Postgres> for Column<'_> {
    /// One dimension, no nulls, counted from 1.
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let element = self.like().map_or(INFERRED, |like| Bound(like).oid());
        buffer.extend_from_slice(&1_i32.to_be_bytes());
        buffer.extend_from_slice(&0_i32.to_be_bytes());
        buffer.extend_from_slice(&element.to_be_bytes());
        buffer.extend_from_slice(&i32::try_from(self.lists.len())?.to_be_bytes());
        buffer.extend_from_slice(&1_i32.to_be_bytes());
        for list in self.lists {
            let value = list.get(self.at).filter(|value| Bound(value).oid() == element);
            let value = value.ok_or("values of several types")?;
            let start = buffer.len();
            buffer.extend_from_slice(&[0; 4]);
            if let IsNull::Yes = Bound(value).encode_by_ref(buffer)? {
                return Err("a null among values".into());
            }
            let length = i32::try_from(buffer.len() - start - 4)?;
            buffer[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.oid())))
    }
}

/// One array for each place in the lists, which are all as long as the first.
pub(crate) fn columns(lists: &[&[Param]]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for at in 0..lists.first().map_or(0, |list| list.len()) {
        Arguments::add(&mut arguments, Column { lists, at }).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

pub(crate) fn arguments(params: &[Param]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for param in params {
        Arguments::add(&mut arguments, Bound(param)).map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

//! Which writer fits which type.

use super::{
    Malformed, array,
    composite::{self, Field},
    float, number, other, range, temporal, text,
};
use bytes::BytesMut;
use sqlx::{
    TypeInfo,
    postgres::{PgTypeInfo, PgTypeKind},
};

/// How one type's binary form becomes JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    Bool,
    Int2,
    Int4,
    Int8,
    Float4,
    Float8,
    Numeric,
    Text,
    Char,
    Oid,
    Uuid,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Json,
    Jsonb,
    /// `json` with the null members of its objects left out.
    JsonWithoutNulls,
    JsonbWithoutNulls,
    Bytea,
    Interval,
    Inet,
    MacAddr,
    Bits,
    /// What a function that returns nothing returns.
    Void,
    Array(Box<Writer>),
    Range(Box<Writer>),
    Composite(Box<[Field]>),
    /// A row without a declared type.
    Record,
}

impl Writer {
    /// `None` when a type has no writer; the statement should have cast it to JSON.
    pub(crate) fn for_type(type_info: &PgTypeInfo, strip_nulls: bool) -> Option<Self> {
        match type_info.kind() {
            PgTypeKind::Array(element) => {
                let element = Self::for_type(element, strip_nulls)?;
                Some(Self::Array(Box::new(element)))
            }
            PgTypeKind::Domain(base) => Self::for_type(base, strip_nulls),
            PgTypeKind::Enum(_) => Some(Self::Text),
            PgTypeKind::Simple => Self::for_simple(type_info, strip_nulls),
            PgTypeKind::Range(_) => {
                let element = range::element(type_info.oid()?.0)?;
                Some(Self::Range(Box::new(element)))
            }
            PgTypeKind::Composite(fields) => {
                let field = |(name, type_info): &(String, PgTypeInfo)| {
                    let writer = Self::for_type(type_info, strip_nulls)?;
                    Some(Field { name: name.as_str().into(), writer })
                };
                fields.iter().map(field).collect::<Option<_>>().map(Self::Composite)
            }
            PgTypeKind::Pseudo => Self::for_oid(type_info.oid()?.0),
        }
    }

    fn for_simple(type_info: &PgTypeInfo, strip_nulls: bool) -> Option<Self> {
        match Self::for_oid(type_info.oid()?.0) {
            Some(Self::Json) if strip_nulls => Some(Self::JsonWithoutNulls),
            Some(Self::Jsonb) if strip_nulls => Some(Self::JsonbWithoutNulls),
            Some(writer) => Some(writer),
            // An extension's type has no fixed number, and citext sends itself as text does.
            None => type_info.name().eq_ignore_ascii_case("citext").then_some(Self::Text),
        }
    }

    /// The writer for a built-in type that is not an array, by its number in `pg_type.dat`.
    pub fn for_oid(oid: u32) -> Option<Self> {
        match oid {
            16 => Some(Self::Bool),
            17 => Some(Self::Bytea),
            18 => Some(Self::Char),
            20 => Some(Self::Int8),
            21 => Some(Self::Int2),
            23 => Some(Self::Int4),
            // name, text, xml, unknown, bpchar, varchar, refcursor
            19 | 25 | 142 | 705 | 1042 | 1043 | 1790 => Some(Self::Text),
            26 => Some(Self::Oid),
            114 => Some(Self::Json),
            650 | 869 => Some(Self::Inet),
            700 => Some(Self::Float4),
            701 => Some(Self::Float8),
            774 | 829 => Some(Self::MacAddr),
            1082 => Some(Self::Date),
            1083 => Some(Self::Time),
            1114 => Some(Self::Timestamp),
            1184 => Some(Self::TimestampTz),
            1186 => Some(Self::Interval),
            1266 => Some(Self::TimeTz),
            1560 | 1562 => Some(Self::Bits),
            1700 => Some(Self::Numeric),
            2249 => Some(Self::Record),
            2278 => Some(Self::Void),
            2950 => Some(Self::Uuid),
            3802 => Some(Self::Jsonb),
            _ => None,
        }
    }

    /// Append one value that is not null.
    pub fn write(&self, bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
        match self {
            Self::Bool => number::write_bool(bytes, out),
            Self::Int2 => number::write_int2(bytes, out),
            Self::Int4 => number::write_int4(bytes, out),
            Self::Int8 => number::write_int8(bytes, out),
            Self::Float4 => float::write_float4(bytes, out),
            Self::Float8 => float::write_float8(bytes, out),
            Self::Numeric => number::write_numeric(bytes, out),
            Self::Oid => number::write_oid(bytes, out),
            Self::Text => {
                text::write_string(bytes, out);
                Ok(())
            }
            Self::Char => text::write_char(bytes, out),
            Self::Uuid => text::write_uuid(bytes, out),
            Self::Bytea => {
                text::write_bytea(bytes, out);
                Ok(())
            }
            Self::Json => {
                out.extend_from_slice(bytes);
                Ok(())
            }
            Self::Jsonb => {
                out.extend_from_slice(text::jsonb_text(bytes)?);
                Ok(())
            }
            Self::JsonWithoutNulls => text::write_json_without_nulls(bytes, out),
            Self::JsonbWithoutNulls => {
                text::write_json_without_nulls(text::jsonb_text(bytes)?, out)
            }
            Self::Date => temporal::write_date(bytes, out),
            Self::Time => temporal::write_time(bytes, out),
            Self::TimeTz => temporal::write_timetz(bytes, out),
            Self::Timestamp => temporal::write_timestamp(bytes, out),
            Self::TimestampTz => temporal::write_timestamptz(bytes, out),
            Self::Interval => other::write_interval(bytes, out),
            Self::Inet => other::write_inet(bytes, out),
            Self::MacAddr => other::write_macaddr(bytes, out),
            Self::Bits => other::write_bits(bytes, out),
            Self::Void => {
                out.extend_from_slice(b"null");
                Ok(())
            }
            Self::Array(element) => array::write(element, bytes, out),
            Self::Range(element) => range::write(element, bytes, out),
            Self::Composite(fields) => composite::write(fields, bytes, out),
            Self::Record => composite::write_record(bytes, out),
        }
    }
}

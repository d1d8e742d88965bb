//! Composite values and anonymous records as JSON objects.

use super::{Malformed, Writer, reader::Reader, text::write_string};
use bytes::{BufMut, BytesMut};

/// A named field and its writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub(super) name: Box<str>,
    pub(super) writer: Writer,
}

/// The binary form: how many fields, then type, length and bytes of each.
pub(super) fn write(fields: &[Field], bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let mut rest = Reader(bytes);
    if usize::try_from(rest.int()?).map_err(|_| Malformed)? != fields.len() {
        return Err(Malformed);
    }
    let mut separator = b'{';
    for field in fields {
        rest.int()?;
        out.put_u8(std::mem::replace(&mut separator, b','));
        write_string(field.name.as_bytes(), out);
        out.put_u8(b':');
        value(&field.writer, rest.value()?, out)?;
    }
    end(separator, out);
    if rest.0.is_empty() { Ok(()) } else { Err(Malformed) }
}

/// A record names no fields, so they are `f1`, `f2` and so on, as in `row_to_json`.
pub(super) fn write_record(bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let mut rest = Reader(bytes);
    let count = rest.int()?;
    let mut separator = b'{';
    for number in 1..=count {
        let oid = u32::from_be_bytes(rest.int()?.to_be_bytes());
        out.put_u8(std::mem::replace(&mut separator, b','));
        write_string(format!("f{number}").as_bytes(), out);
        out.put_u8(b':');
        match rest.value()? {
            Some(bytes) => Writer::for_oid(oid).ok_or(Malformed)?.write(bytes, out)?,
            None => out.extend_from_slice(b"null"),
        }
    }
    end(separator, out);
    if rest.0.is_empty() { Ok(()) } else { Err(Malformed) }
}

fn value(writer: &Writer, bytes: Option<&[u8]>, out: &mut BytesMut) -> Result<(), Malformed> {
    match bytes {
        Some(bytes) => writer.write(bytes, out),
        None => {
            out.extend_from_slice(b"null");
            Ok(())
        }
    }
}

fn end(separator: u8, out: &mut BytesMut) {
    if separator == b'{' {
        out.put_u8(b'{');
    }
    out.put_u8(b'}');
}

//! Arrays of any depth as nested JSON arrays.

use super::{Malformed, Writer, reader::Reader};
use bytes::{BufMut, BytesMut};

/// PostgreSQL allows no more.
const MAX_DIMENSIONS: usize = 6;

/// The binary form: dimensions, a flag, the element's type, then size and lower bound of each dimension.
pub(super) fn write(element: &Writer, bytes: &[u8], out: &mut BytesMut) -> Result<(), Malformed> {
    let mut rest = Reader(bytes);
    let dimensions = usize::try_from(rest.int()?).map_err(|_| Malformed)?;
    rest.int()?;
    rest.int()?;
    if dimensions > MAX_DIMENSIONS {
        return Err(Malformed);
    }
    let mut sizes = [0_usize; MAX_DIMENSIONS];
    for size in &mut sizes[..dimensions] {
        *size = usize::try_from(rest.int()?).map_err(|_| Malformed)?;
        rest.int()?;
    }
    // Each element takes at least its length, so sizes beyond the bytes are made up.
    let elements = sizes[..dimensions].iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
    if dimensions > 0
        && elements.is_none_or(|elements| elements == 0 || elements > rest.0.len() / 4)
    {
        return Err(Malformed);
    }
    match &sizes[..dimensions] {
        [] => out.extend_from_slice(b"[]"),
        sizes => write_dimension(element, sizes, &mut rest, out)?,
    }
    if rest.0.is_empty() { Ok(()) } else { Err(Malformed) }
}

fn write_dimension(
    element: &Writer,
    sizes: &[usize],
    rest: &mut Reader<'_>,
    out: &mut BytesMut,
) -> Result<(), Malformed> {
    let Some((&size, inner)) = sizes.split_first() else {
        return match rest.value()? {
            Some(value) => element.write(value, out),
            None => {
                out.extend_from_slice(b"null");
                Ok(())
            }
        };
    };
    out.put_u8(b'[');
    for index in 0..size {
        if index > 0 {
            out.put_u8(b',');
        }
        write_dimension(element, inner, rest, out)?;
    }
    out.put_u8(b']');
    Ok(())
}

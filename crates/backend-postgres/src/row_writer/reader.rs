//! The parts of an array or a composite value, one after the other.

use super::Malformed;

/// The bytes of one value that are not read yet.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn int(&mut self) -> Result<i32, Malformed> {
        let (head, tail) = self.0.split_first_chunk::<4>().ok_or(Malformed)?;
        self.0 = tail;
        Ok(i32::from_be_bytes(*head))
    }

    /// A length and that many bytes; -1 is null.
    pub(super) fn value(&mut self) -> Result<Option<&'a [u8]>, Malformed> {
        let length = self.int()?;
        if length == -1 {
            return Ok(None);
        }
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (value, tail) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = tail;
        Ok(Some(value))
    }
}

//! Which of the compressed forms a browser takes.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// What `Accept-Encoding` allows, smallest form first; plain always is.
    pub(super) fn accepted(header: &str) -> Vec<Self> {
        let takes = |name: &str| {
            header.split(',').any(|item| {
                let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
                coding.trim().eq_ignore_ascii_case(name) && !is_zero(weight)
            })
        };
        let compressed = [Self::Brotli, Self::Gzip];
        let taken = compressed.into_iter().filter(|coding| coding.name().is_some_and(takes));
        taken.chain([Self::Plain]).collect()
    }

    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }

    /// What the build adds to the file's name.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Plain => "",
        }
    }
}

fn is_zero(weight: &str) -> bool {
    let value = weight.trim().strip_prefix("q=");
    value.and_then(|value| value.parse::<f32>().ok()).is_some_and(|value| value <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::{Encoding::*, *};

    #[test]
    fn the_smallest_accepted_form_comes_first() {
        let table = [
            ("gzip, deflate, br", vec![Brotli, Gzip, Plain]),
            ("br;q=0, gzip;q=0.5", vec![Gzip, Plain]),
            ("GZIP", vec![Gzip, Plain]),
            ("identity", vec![Plain]),
            ("", vec![Plain]),
        ];
        for (header, expected) in table {
            assert_eq!(Encoding::accepted(header), expected, "{header:?}");
        }
    }
}

//! What does not fit between the configuration, the snapshot and the database.

use std::fmt;

/// One thing a person should put right. Nothing is left out without one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfigProblem {
    /// From 1, in `resources.yaml`; `None` when the file is not at fault.
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub message: String,
    /// The name that was probably meant.
    pub nearest: Option<String>,
}

impl ConfigProblem {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    #[must_use]
    pub(crate) fn at(mut self, place: Option<Place>) -> Self {
        self.line = place.map(|place| place.line);
        self.column = place.map(|place| place.column);
        self
    }

    #[must_use]
    pub(crate) fn near<'a>(mut self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = nearest(name, known);
        self
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest:?}?"),
            None => Ok(()),
        }
    }
}

/// Where a name stands in a file, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

/// The known name a few slips away: two, or a third of a long name.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let name: String = name.to_lowercase().chars().take(80).collect();
    let reach = match name.chars().count() {
        0..=3 => 1,
        length => (length / 3).max(2),
    };
    let close = known.into_iter().map(|known| (distance(&name, &known.to_lowercase()), known));
    let (steps, found) = close.min_by_key(|(steps, _)| *steps)?;
    (steps <= reach).then(|| found.to_owned())
}

/// Letters to change, add or drop to get from one text to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_name() {
        let known = ["invoices", "customers", "status"];
        assert_eq!(nearest("invoicse", known).as_deref(), Some("invoices"));
        assert_eq!(nearest("Statu", known).as_deref(), Some("status"));
        assert_eq!(nearest("parrot", known), None);
        assert_eq!(nearest("", known), None);
    }
}

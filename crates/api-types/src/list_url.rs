//! A list's query as a URL holds it, both ways: `?status=paid&amount=>= 10&sortby=-due_date`.

mod format;
mod parse;
mod problem;
mod value;

pub use problem::UrlProblem;

use crate::console::{ColumnSpec, ListQuery};

/// Rows on a page when the URL does not say.
pub const DEFAULT_PAGE_SIZE: u32 = 25;
/// The most rows a URL may ask for at once.
pub const MAX_PAGE_SIZE: u32 = 1000;

/// Parameter names that are never columns; such a column is reached through `filters=[…]`.
const RESERVED: [&str; 9] =
    ["q", "page", "per_page", "rows_per_page", "sortby", "sortdir", "cols", "view", "filters"];
/// More parameters, sort terms or list members than this is no honest URL.
const MAX_TERMS: usize = 256;

impl ListQuery {
    /// Read the part of a URL behind `?`. Every problem is reported, not only the first.
    ///
    /// Forms: `q`, `page`, `per_page` (or `rows_per_page`), `sortby=a,-b` (with `sortdir=desc`
    /// for terms without `-`), `cols=a,b`, `filters=[{"column","op","value"}]`, and for a column
    /// `c=v`, `c=>= 10`, `c>=10`, `c=!=v`, `c=~v`, `c=contains=v`, `c=in=a,b`, `c=is_null`.
    /// A repeated plain equality means any of the values.
    pub fn from_url(query: &str, columns: &[ColumnSpec]) -> Result<Self, Vec<UrlProblem>> {
        parse::parse(query, columns)
    }

    /// The canonical query string, without `?`; what is left out is the default.
    pub fn to_url(&self) -> String {
        format::format(self)
    }
}

fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

#[cfg(test)]
mod tests;

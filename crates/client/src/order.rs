//! In which order rows come, and which of them are meant.

use serde::Serialize;

/// The columns that rows are sorted by, the first deciding.
#[derive(Debug, Default)]
pub(crate) struct Order(Vec<Term>);

#[derive(Debug, Serialize)]
pub(crate) struct Term {
    field: String,
    direction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nulls: Option<&'static str>,
}

impl Order {
    pub(crate) fn add(&mut self, column: String) {
        self.0.push(Term { field: column, direction: "ascending", nulls: None });
    }

    /// The column named last.
    pub(crate) fn last(&mut self) -> Option<&mut Term> {
        self.0.last_mut()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn put_on(&self, draft: &mut crate::draft::Draft) {
        match self.0.as_slice() {
            [] => {}
            // One term goes out in the form older gateways know.
            [one] => draft.put("sort_by", one),
            several => draft.put("sort_by", several),
        }
    }
}

impl Term {
    pub(crate) fn descend(&mut self) {
        self.direction = "descending";
    }

    pub(crate) fn nulls(&mut self, place: &'static str) {
        self.nulls = Some(place);
    }
}

/// An order, and how many rows of it from where on.
macro_rules! windowed {
    ($type:ty $(, $generic:ident)?) => {
        impl$(<$generic>)? $type {
            /// Sort by a column, ascending; called again, it settles what the columns before left equal.
            pub fn order_by(mut self, column: impl Into<String>) -> Self {
                self.order.add(column.into());
                self
            }

            /// Largest first, for the column named last.
            pub fn descending(self) -> Self {
                self.adjust("descending", crate::order::Term::descend)
            }

            /// Nulls before everything else, for the column named last.
            pub fn nulls_first(self) -> Self {
                self.adjust("nulls_first", |term| term.nulls("first"))
            }

            /// Nulls after everything else, for the column named last.
            pub fn nulls_last(self) -> Self {
                self.adjust("nulls_last", |term| term.nulls("last"))
            }

            fn adjust(mut self, what: &str, change: impl FnOnce(&mut crate::order::Term)) -> Self {
                match self.order.last() {
                    Some(term) => change(term),
                    None => {
                        self.draft.fail(Error::incomplete(format!("{what} must follow order_by")));
                    }
                }
                self
            }

            /// At most so many rows.
            pub fn limit(mut self, rows: u64) -> Self {
                self.draft.put("limit", rows);
                self
            }

            /// Pass over so many rows first.
            pub fn offset(mut self, rows: u64) -> Self {
                self.draft.put("offset", rows);
                self
            }

            /// The rows of one page, counted from 1, of pages of this size. Instead of a limit and an
            /// offset, not beside them.
            pub fn paged(mut self, page: u64, size: u64) -> Self {
                if page == 0 || size == 0 {
                    self.draft.fail(Error::incomplete("pages begin at 1 and have at least one row"));
                }
                self.draft.put("current_page", page);
                self.draft.put("page_size", size);
                self
            }
        }
    };
}

pub(crate) use windowed;

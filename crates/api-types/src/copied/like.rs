//! A part of a text, as a pattern.

/// Text that stands anywhere, at the beginning or at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) may_begin: bool,
    pub(super) may_go_on: bool,
}

impl Part<'_> {
    /// For `ILIKE`, with this sign for "anything"; what would be a sign in the text is none.
    pub(super) fn pattern(self, anything: &str) -> String {
        let around = |may: bool| if may { anything } else { "" };
        let text = escaped(self.text, &['\\', '%', '_']);
        format!("{}{text}{}", around(self.may_begin), around(self.may_go_on))
    }

    /// PostgREST takes every `*` of a pattern for "anything", and knows no way around it.
    pub(super) fn needs_expression(self) -> bool {
        self.text.contains('*')
    }

    /// The same as a regular expression of PostgreSQL's.
    pub(super) fn expression(self) -> String {
        let special = ['\\', '.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$'];
        let (begin, end) =
            (if self.may_begin { "" } else { "^" }, if self.may_go_on { "" } else { "$" });
        format!("{begin}{}{end}", escaped(self.text, &special))
    }
}

fn escaped(text: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

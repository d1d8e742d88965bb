//! The text form: `id, total:amount, org:public.orgs!inner(id, name)`.

use super::{EmbedRequest, Reader, Selected, Selection, invalid};
use crate::request::{Filter, error::RequestError, relation};

impl Reader<'_, '_> {
    pub(super) fn text(
        &mut self,
        text: &str,
        path: &str,
        depth: usize,
    ) -> Result<Selection, RequestError> {
        let mut selection = Selection::default();
        let items = split(text, ',').ok_or_else(|| unclosed(path))?;
        for item in items {
            self.item(item.trim(), path, depth, &mut selection)?;
        }
        Ok(selection)
    }

    pub(super) fn item(
        &mut self,
        item: &str,
        path: &str,
        depth: usize,
        selection: &mut Selection,
    ) -> Result<(), RequestError> {
        if item.is_empty() {
            return Err(super::unfit(path));
        }
        if item == "*" {
            selection.columns.push(Selected::Every);
            return Ok(());
        }
        // What nearly every item is, and nothing in it needs a closer look.
        if item.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            selection.columns.push(self.column(item.to_owned(), None));
            return Ok(());
        }
        match embedded(item).ok_or_else(|| unclosed(path))? {
            Some((head, inner)) => {
                selection.embeds.push(self.relation(head, inner, path, depth)?);
            }
            None => selection.columns.push(self.named(item, path)?),
        }
        Ok(())
    }

    /// `name`, `alias:name` or `name as alias`.
    fn named(&self, item: &str, path: &str) -> Result<Selected, RequestError> {
        let (name, alias) = match aliased(item, path)? {
            (name, Some(alias)) => (name, Some(alias)),
            (name, None) => match renamed(name) {
                Some((name, alias)) => (name, Some(alias)),
                None => (name, None),
            },
        };
        let (name, alias) = (unquoted(name), alias.map(unquoted));
        if name.is_empty() || alias.as_ref().is_some_and(String::is_empty) {
            return Err(super::unfit(path));
        }
        Ok(self.column(name, alias))
    }

    /// `alias:schema.table!hint!inner` and what stands in its parentheses.
    fn relation(
        &mut self,
        head: &str,
        inner: &str,
        path: &str,
        depth: usize,
    ) -> Result<EmbedRequest, RequestError> {
        let (head, alias) = aliased(head, path)?;
        let mut parts = split(head, '!').ok_or_else(|| unclosed(path))?.into_iter();
        let target = parts.next().unwrap_or_default().trim();
        let path = format!("{path}.{target}");
        let depth = self.embed(&path, depth)?;
        let relation = relation::parse(target, None)
            .map_err(|_not_a_name| invalid(&path, "the name of a related table"))?;
        let (mut is_inner, mut hint) = (false, None);
        for part in parts {
            match part.trim() {
                "inner" => is_inner = true,
                "left" => {}
                word if hint.is_none() && !word.is_empty() => hint = Some(unquoted(word)),
                _ => return Err(invalid(&path, "a relation with at most one hint")),
            }
        }
        let selection = match inner.trim() {
            "" => return Err(invalid(&path, "a relation with columns in parentheses")),
            inner => self.text(inner, &path, depth)?,
        };
        Ok(EmbedRequest {
            path,
            relation,
            alias: alias.map(unquoted),
            hint,
            is_inner,
            selection,
            filter: Filter::All,
            order: Vec::new(),
            limit: None,
            offset: 0,
        })
    }
}

/// What stands before and in the parentheses of `rel(…)`; a name with a space before them is none.
fn embedded(item: &str) -> Option<Option<(&str, &str)>> {
    let Some(open) = find(item, |c| c == '(') else { return Some(None) };
    let head = &item[..open];
    if head.is_empty() || head.ends_with(char::is_whitespace) {
        return Some(None);
    }
    item[open + 1..].strip_suffix(')').map(|inner| Some((head, inner)))
}

/// The part behind the first colon, and the one before it.
fn aliased<'a>(text: &'a str, path: &str) -> Result<(&'a str, Option<&'a str>), RequestError> {
    match find(text, |c| c == ':') {
        None => Ok((text.trim(), None)),
        Some(at) if text[at..].starts_with("::") => {
            Err(invalid(path, "columns without expressions and casts"))
        }
        Some(at) => Ok((text[at + 1..].trim(), Some(text[..at].trim()))),
    }
}

/// `name as alias`, the last `as` counting.
fn renamed(text: &str) -> Option<(&str, &str)> {
    let lower = text.to_ascii_lowercase();
    let at = lower.rfind(" as ")?;
    Some((text[..at].trim(), text[at + 4..].trim()))
}

/// The parts between separators that stand in no parentheses and no quotes.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in unquoted_chars(text)? {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ if c == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    (depth == 0).then_some(parts)
}

fn find(text: &str, wanted: impl Fn(char) -> bool) -> Option<usize> {
    unquoted_chars(text)?.into_iter().find(|(_, c)| wanted(*c)).map(|(at, _)| at)
}

/// The characters outside double quotes. A quote opens only where a name begins.
fn unquoted_chars(text: &str) -> Option<Vec<(usize, char)>> {
    let (mut chars, mut is_quoted, mut opens) = (Vec::new(), false, true);
    for (at, c) in text.char_indices() {
        match c {
            '"' if is_quoted || opens => is_quoted = !is_quoted,
            _ if is_quoted => {}
            _ => chars.push((at, c)),
        }
        opens = matches!(c, ',' | '(' | ':' | '.' | '!')
            || (opens && c.is_whitespace())
            || (c == '"' && !is_quoted);
    }
    (!is_quoted).then_some(chars)
}

fn unquoted(name: &str) -> String {
    match name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) if name.len() >= 2 => inner.replace("\"\"", "\""),
        _ => name.to_owned(),
    }
}

fn unclosed(path: &str) -> RequestError {
    invalid(path, "a list whose parentheses and quotes are closed")
}

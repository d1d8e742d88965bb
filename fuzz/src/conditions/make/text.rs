//! Trees in one string: `or(name.eq.x,not.code.in.(y,z))`.

use super::{MAX_LEAVES, Maker};
use crate::tree::Node;
use serde_json::{Value, json};

const COLUMNS: [&str; 3] = ["name", "code", "email"];

const WORDS: [(&str, &str); 6] = [
    ("eq", "=$"),
    ("neq", "<>$"),
    ("gt", ">$"),
    ("lte", "<=$"),
    ("ilike", "ILIKE$"),
    ("in", "=ANY("),
];

impl Maker<'_> {
    /// `{operator: or, value: "…"}`
    pub(super) fn expression(&mut self, depth: usize) -> (Node, Value) {
        let word = ["or", "and", "not"][usize::from(self.choose(3))];
        let (nodes, text) = self.terms(depth);
        let node = joined(word, nodes);
        (node, json!({ "operator": word, "value": text }))
    }

    fn terms(&mut self, depth: usize) -> (Vec<Node>, String) {
        let terms: Vec<_> = (0..=self.choose(3)).map(|_| self.term(depth)).collect();
        let (nodes, texts): (Vec<_>, Vec<_>) = terms.into_iter().unzip();
        (nodes, texts.join(","))
    }

    fn term(&mut self, depth: usize) -> (Node, String) {
        let is_end = depth == 0 || self.leaves.len() > MAX_LEAVES;
        let word = if is_end { 9 } else { self.choose(10) };
        match ["or", "and", "not"].get(usize::from(word)) {
            Some(word) => {
                let (nodes, text) = self.terms(depth - 1);
                (joined(word, nodes), format!("{word}({text})"))
            }
            None if word == 3 => {
                let (node, text) = self.term(depth - 1);
                (Node::Not(Box::new(node)), format!("not.{text}"))
            }
            None => self.predicate(),
        }
    }

    fn predicate(&mut self) -> (Node, String) {
        let column = COLUMNS[usize::from(self.choose(3))];
        let is_turned = self.choose(4) == 1;
        let not = if is_turned { "not." } else { "" };
        let (node, text) = if self.choose(6) == 1 {
            (Node::Null(column.to_owned()), format!("{column}.{not}is.null"))
        } else {
            let (word, sign) = WORDS[usize::from(self.choose(6))];
            let node = self.leaf(column, sign);
            let value = quoted(&self.value());
            let value =
                if word == "in" { format!("({value},{})", quoted(&self.value())) } else { value };
            (node, format!("{column}.{not}{word}.{value}"))
        };
        (if is_turned { Node::Not(Box::new(node)) } else { node }, text)
    }
}

fn joined(word: &str, nodes: Vec<Node>) -> Node {
    match word {
        "or" => Node::Or(nodes),
        "and" => Node::And(nodes),
        _ => Node::Not(Box::new(Node::And(nodes))),
    }
}

/// In quotes when it holds anything that means something outside of them.
fn quoted(value: &str) -> String {
    if value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

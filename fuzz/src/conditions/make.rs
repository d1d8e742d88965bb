//! Bytes as a tree of conditions, in two forms at once: as it is meant, and as a body says it.

mod text;

use crate::tree::Node;
use serde_json::{Map, Value, json};

/// What the statement must say of a comparison.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) column: &'static str,
    pub(super) sign: &'static str,
}

const MAX_LEAVES: usize = 50;

const TEXTS: [&str; 4] = ["name", "code", "email", "a \"b\" 名前"];

/// Words of operators, and what they become.
const COMPARED: [(&str, &str); 14] = [
    ("eq", "=$"),
    ("=", "=$"),
    ("neq", "<>$"),
    ("!=", "<>$"),
    ("gt", ">$"),
    ("gte", ">=$"),
    ("lt", "<$"),
    ("lte", "<=$"),
    ("like", "LIKE$"),
    ("ilike", "ILIKE$"),
    ("in", "=ANY("),
    ("not_in", "<>ALL("),
    ("nin", "<>ALL("),
    ("<>", "<>$"),
];

pub(super) struct Maker<'a> {
    bytes: &'a [u8],
    leaves: Vec<Leaf>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, leaves: Vec::new() }
    }

    pub(super) fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The next byte, as one of so many choices; the first when there are no bytes left.
    pub(super) fn choose(&mut self, among: u8) -> u8 {
        let Some((byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        byte % among
    }

    /// At least one member of a list.
    pub(super) fn items(&mut self, depth: usize) -> Vec<(Node, Value)> {
        (0..=self.choose(4)).map(|_| self.item(depth)).collect()
    }

    fn item(&mut self, depth: usize) -> (Node, Value) {
        let is_end = depth == 0 || self.leaves.len() > MAX_LEAVES;
        match if is_end { 9 } else { self.choose(10) } {
            0 => {
                let (nodes, values) = self.items(depth - 1).into_iter().unzip();
                (Node::And(nodes), json!({ "and": Value::Array(values) }))
            }
            1 => {
                let (nodes, values) = self.items(depth - 1).into_iter().unzip();
                (Node::Or(nodes), json!({ "or": Value::Array(values) }))
            }
            2 => {
                let (nodes, values) = self.items(depth - 1).into_iter().unzip();
                (Node::Not(Box::new(Node::And(nodes))), json!({ "not": Value::Array(values) }))
            }
            3 => {
                let (node, value) = self.item(depth - 1);
                (Node::Not(Box::new(node)), json!({ "not": value }))
            }
            4 => {
                let (node, members) = self.members(depth - 1);
                (node, Value::Object(members))
            }
            5 => self.expression(depth - 1),
            _ => self.long(),
        }
    }

    /// `{column: {operator: value}, or: […]}`, all of which hold.
    pub(super) fn members(&mut self, depth: usize) -> (Node, Map<String, Value>) {
        let (mut nodes, mut members) = (Vec::new(), Map::<String, Value>::new());
        for _ in 0..=self.choose(4) {
            let branch = ["and", "or", "not"].get(usize::from(self.choose(8)));
            if let Some(word) = branch.filter(|word| depth > 0 && !members.contains_key(**word)) {
                let (inner, values) = self.items(depth - 1).into_iter().unzip();
                nodes.push(match *word {
                    "and" => Node::And(inner),
                    "or" => Node::Or(inner),
                    _ => Node::Not(Box::new(Node::And(inner))),
                });
                members.insert((*word).to_owned(), Value::Array(values));
                continue;
            }
            let (node, column, word, value) = self.comparison();
            let operators = members.entry(column).or_insert_with(|| json!({}));
            let operators = operators.as_object_mut().expect("it was made so");
            // A name that stands there already would replace the other.
            if !operators.contains_key(&word) {
                nodes.push(node);
                operators.insert(word, value);
            }
        }
        (Node::And(nodes), members)
    }

    /// `{column, operator, value}`, or the older pair.
    fn long(&mut self) -> (Node, Value) {
        let (node, column, word, value) = self.comparison();
        let is_pair = word == "eq" && self.choose(2) == 1;
        let mut item = match is_pair {
            true => json!({ "eq_column": column, "eq_value": value }),
            false => json!({ "column": column, "operator": word, "value": value }),
        };
        if self.choose(4) != 1 {
            return (node, item);
        }
        item["negated"] = json!(true);
        (Node::Not(Box::new(node)), item)
    }

    fn comparison(&mut self) -> (Node, String, String, Value) {
        let (node, column, word, value) = match self.choose(8) {
            0 => self.constant(),
            1 => self.nested(),
            _ => self.plain(),
        };
        match self.choose(6) {
            1 => (Node::Not(Box::new(node)), column.to_owned(), format!("not.{word}"), value),
            _ => (node, column.to_owned(), word.to_owned(), value),
        }
    }

    fn plain(&mut self) -> (Node, &'static str, &'static str, Value) {
        let column = TEXTS[usize::from(self.choose(4))];
        let (word, sign) = COMPARED[usize::from(self.choose(14))];
        let node = self.leaf(column, sign);
        let value = self.value();
        let is_list = sign.ends_with('(');
        let more = if is_list { self.choose(3) } else { 0 };
        let list = (0..more).map(|_| self.value()).chain([value.clone()]).map(Value::from);
        (node, column, word, if is_list { list.collect() } else { Value::from(value) })
    }

    /// What holds for every row or for none, and tests for null.
    fn constant(&mut self) -> (Node, &'static str, &'static str, Value) {
        let column = TEXTS[usize::from(self.choose(4))];
        let null = || Node::Null(column.to_owned());
        let (node, word, value) = match self.choose(8) {
            0 => (Node::Const(false), "in", json!([])),
            1 => (Node::Const(true), "not_in", json!([])),
            2 => (null(), "eq", Value::Null),
            3 => (Node::Not(Box::new(null())), "neq", Value::Null),
            4 => (null(), "is", Value::Null),
            5 => (null(), "in", json!([null])),
            6 => (null(), "is_null", Value::Null),
            _ => (Node::Not(Box::new(null())), "not_null", Value::Null),
        };
        (node, column, word, value)
    }

    /// Columns whose values have an inside.
    fn nested(&mut self) -> (Node, &'static str, &'static str, Value) {
        let (column, word, sign) = match self.choose(4) {
            0 => ("doc", "eq", "=$"),
            1 => ("doc", "contains", "@>$"),
            2 => ("tags", "cs", "@>$"),
            _ => ("tags", "contained", "<@$"),
        };
        let node = self.leaf(column, sign);
        let value = self.value();
        (node, column, word, if column == "doc" { json!({ "k": value }) } else { json!([value]) })
    }

    fn leaf(&mut self, column: &'static str, sign: &'static str) -> Node {
        self.leaves.push(Leaf { column, sign });
        Node::Bound(self.leaves.len() - 1)
    }

    /// A text that says which comparison it belongs to, and then anything.
    fn value(&mut self) -> String {
        let length = usize::from(self.choose(8)).min(self.bytes.len());
        let (noise, rest) = self.bytes.split_at(length);
        self.bytes = rest;
        let noise = String::from_utf8_lossy(noise).replace('\0', "'");
        format!("zq{}q{noise}", self.leaves.len() - 1)
    }
}

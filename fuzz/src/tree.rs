//! A tree of conditions as it was meant, and as a statement says it.

use crate::tokens::Token;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Const(bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A comparison, by the number in its value.
    Bound(usize),
    /// A test of this column for null.
    Null(String),
}

impl Node {
    /// Whether a row is meant, when chance says which comparisons hold for it.
    pub(crate) fn holds(&self, chance: u64) -> bool {
        match self {
            Self::Const(value) => *value,
            Self::And(nodes) => nodes.iter().all(|node| node.holds(chance)),
            Self::Or(nodes) => nodes.iter().any(|node| node.holds(chance)),
            Self::Not(node) => !node.holds(chance),
            Self::Bound(number) => coin(chance, *number as u64),
            Self::Null(column) => coin(chance, column.bytes().map(u64::from).sum::<u64>() << 32),
        }
    }
}

fn coin(chance: u64, of: u64) -> bool {
    let mixed = (chance << 40 ^ of).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 31).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 63 == 0
}

/// The conditions of a statement's text; `leaf` says what one comparison is.
pub(crate) fn read(tokens: &[Token], leaf: &mut dyn FnMut(&[Token]) -> Node) -> Node {
    let mut rest = tokens;
    let node = one(&mut rest, leaf);
    assert!(rest.is_empty(), "left over: {rest:?}");
    node
}

fn one(rest: &mut &[Token], leaf: &mut dyn FnMut(&[Token]) -> Node) -> Node {
    match rest {
        [Token::Word(word), Token::Symbol('('), after @ ..] if word == "NOT" => {
            *rest = after;
            let node = one(rest, leaf);
            close(rest);
            Node::Not(Box::new(node))
        }
        [Token::Symbol('('), after @ ..] => {
            *rest = after;
            group(rest, leaf)
        }
        _ => {
            let end = end_of_leaf(rest);
            let (tokens, after) = rest.split_at(end);
            *rest = after;
            leaf(tokens)
        }
    }
}

fn group(rest: &mut &[Token], leaf: &mut dyn FnMut(&[Token]) -> Node) -> Node {
    let mut nodes = vec![one(rest, leaf)];
    let mut words = Vec::new();
    while let [Token::Word(word), after @ ..] = *rest {
        words.push(word.as_str());
        *rest = after;
        nodes.push(one(rest, leaf));
    }
    close(rest);
    match words.first() {
        Some(&"AND") if words.iter().all(|word| *word == "AND") => Node::And(nodes),
        Some(&"OR") if words.iter().all(|word| *word == "OR") => Node::Or(nodes),
        _ => panic!("one group is joined by {words:?}"),
    }
}

fn close(rest: &mut &[Token]) {
    let [Token::Symbol(')'), after @ ..] = *rest else { panic!("no end of a group: {rest:?}") };
    *rest = after;
}

fn end_of_leaf(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Symbol('(') => depth += 1,
            Token::Symbol(')') if depth == 0 => return at,
            Token::Symbol(')') => depth -= 1,
            Token::Word(word) if depth == 0 && (word == "AND" || word == "OR") => return at,
            _ => {}
        }
    }
    tokens.len()
}

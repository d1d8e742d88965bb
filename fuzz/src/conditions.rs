//! A tree of conditions in all the shapes that bodies have for one, against the one in the statement.

mod make;

use crate::{
    schema::SCHEMA,
    tokens::{Token, tokens},
    tree::{self, Node},
    words,
};
use make::{Leaf, Maker};
use query::{
    Operation, Plan, Statement,
    plan::PlanLimits,
    request::{ParseOptions, parse},
    statement::Param,
};
use serde_json::{Map, Value, json};

/// How many rows a tree is tried on.
const CHANCES: u64 = 16;

pub fn check(data: &[u8]) {
    let mut maker = Maker::new(data);
    let operation = match maker.choose(3) {
        0 => Operation::Fetch,
        1 => Operation::Update,
        _ => Operation::Delete,
    };
    let (meant, body) = body(&mut maker, operation);
    let body = body.to_string();
    let request = parse(operation, body.as_bytes(), &ParseOptions::default())
        .unwrap_or_else(|error| panic!("{error}: {body}"));
    let plan = match Plan::resolve(request, &SCHEMA, PlanLimits { max_rows: 100 }) {
        Ok(plan) => plan,
        Err(error) => {
            let is_every_row =
                operation != Operation::Fetch && (0..CHANCES).all(|chance| meant.holds(chance));
            return assert!(is_every_row, "{error}: {body}");
        }
    };
    let leaves = maker.leaves();
    let counts = [Statement::postgres_count(&plan), Statement::sqlite_count(&plan)];
    let counts = counts.into_iter().filter_map(Result::transpose);
    for statement in
        [Statement::postgres(&plan), Statement::sqlite(&plan)].into_iter().chain(counts)
    {
        // What SQLite has no operator for.
        let Ok(statement) = statement else { continue };
        words::check(&statement);
        let said = said(&statement, leaves);
        for chance in 0..CHANCES {
            let (meant, said) = (meant.holds(chance), said.holds(chance));
            assert_eq!(meant, said, "{body}\n{}", statement.text());
        }
    }
    assert!(Statement::postgres(&plan).is_ok(), "{body}");
}

fn body(maker: &mut Maker<'_>, operation: Operation) -> (Node, Value) {
    let mut body = Map::new();
    body.insert("table_name".to_owned(), json!("things"));
    body.insert("columns".to_owned(), json!(["id"]));
    match operation {
        Operation::Fetch => body.insert("count".to_owned(), json!("exact")),
        Operation::Update => body.insert("set".to_owned(), json!({"n": 1})),
        Operation::Insert | Operation::Delete => None,
    };
    let which = maker.choose(3);
    let mut nodes = Vec::new();
    if which != 0 {
        let items = maker.items(3);
        nodes.extend(items.iter().map(|(node, _)| node.clone()));
        let items = items.into_iter().map(|(_, value)| value).collect();
        body.insert("conditions".to_owned(), Value::Array(items));
    }
    if which != 1 {
        let (node, members) = maker.members(3);
        nodes.push(node);
        body.insert("where".to_owned(), Value::Object(members));
    }
    (Node::And(nodes), Value::Object(body))
}

/// The conditions that the text holds.
fn said(statement: &Statement, leaves: &[Leaf]) -> Node {
    let tokens = tokens(statement.text());
    let is = |token: &Token, word: &str| matches!(token, Token::Word(found) if found == word);
    let Some(start) = tokens.iter().position(|token| is(token, "WHERE")) else {
        return Node::Const(true);
    };
    let tokens = &tokens[start + 1..];
    let end = tokens.iter().position(|token| is(token, "LIMIT") || is(token, "RETURNING"));
    let is_sqlite = statement.text().contains("main.");
    tree::read(&tokens[..end.unwrap_or(tokens.len())], &mut |tokens| {
        leaf(tokens, statement.params(), leaves, is_sqlite)
    })
}

fn leaf(tokens: &[Token], params: &[Param], leaves: &[Leaf], is_sqlite: bool) -> Node {
    match tokens {
        [Token::Word(word)] if word == "TRUE" => return Node::Const(true),
        [Token::Word(word)] if word == "FALSE" => return Node::Const(false),
        _ => {}
    }
    let bound = tokens.iter().find_map(|token| match token {
        Token::Param(number) => Some(*number),
        _ => None,
    });
    let Some(bound) = bound else { return null_test(tokens) };
    let Param::Text(value) = &params[bound - 1] else { panic!("{:?}", params[bound - 1]) };
    let number = number_in(value);
    let Leaf { column, sign } = &leaves[number];
    if is_sqlite {
        assert!(tokens.contains(&Token::Name((*column).to_owned())), "{tokens:?}");
    } else {
        let text = spelled(tokens);
        let expected = format!("\"{}\"{sign}", column.replace('"', "\"\""));
        assert!(text.starts_with(&expected), "{text} instead of {expected}");
    }
    Node::Bound(number)
}

fn null_test(tokens: &[Token]) -> Node {
    let mut names = tokens.iter().filter_map(|token| match token {
        Token::Name(name) => Some(name.clone()),
        _ => None,
    });
    let node = Node::Null(names.next_back().expect("a test has a column"));
    let text = spelled(tokens);
    match (text.ends_with("\"ISNULL"), text.ends_with("\"ISNOTNULL")) {
        (true, _) => node,
        (_, true) => Node::Not(Box::new(node)),
        _ => panic!("no condition: {text}"),
    }
}

/// `zq7q…` or a list of such.
fn number_in(value: &str) -> usize {
    let (_, rest) = value.split_once("zq").unwrap_or_else(|| panic!("not ours: {value}"));
    let (digits, _) = rest.split_once('q').expect("a number ends");
    digits.parse().expect("a number")
}

/// The tokens without blanks.
fn spelled(tokens: &[Token]) -> String {
    let spell = |token: &Token| match token {
        Token::Name(name) => format!("\"{}\"", name.replace('"', "\"\"")),
        Token::Text(text) => format!("'{text}'"),
        Token::Param(_) => "$".to_owned(),
        Token::Word(word) => word.clone(),
        Token::Symbol(c) => c.to_string(),
    };
    tokens.iter().map(spell).collect()
}

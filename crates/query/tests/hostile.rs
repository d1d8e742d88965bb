//! Bodies that were made to hurt, and what becomes of them when they are bent further: nothing
//! panics, every refusal has a status, and no value stands in a statement.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bytes::BytesMut;
use catalog::{
    Column, DataType, ForeignKey, Generated, Ident, QualifiedName, SchemaCache, Table, TableKind,
    TypeKind,
};
use proptest::prelude::*;
use query::{
    Operation, Plan, Statement,
    plan::PlanLimits,
    request::{ParseOptions, Profile, ResponseCase, parse},
    response::{self, Counted},
};
use std::sync::OnceLock;

const OPERATIONS: [Operation; 4] =
    [Operation::Fetch, Operation::Insert, Operation::Update, Operation::Delete];

fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

fn named(name: &str) -> QualifiedName {
    QualifiedName::new(ident("public"), ident(name))
}

fn table(name: &str, columns: &[(&str, &str)], keys: &[(&str, &str, &str)]) -> Table {
    let column = |(name, base): &(&str, &str)| Column {
        name: ident(name),
        data_type: DataType {
            oid: 1,
            sql: (*base).to_owned(),
            kind: TypeKind::Base((*base).to_owned()),
        },
        nullable: true,
        default: None,
        generated: Generated::Never,
        comment: None,
    };
    let key = |(constraint, column, target): &(&str, &str, &str)| ForeignKey {
        name: ident(constraint),
        columns: vec![ident(column)],
        target: named(target),
        target_columns: vec![ident("id")],
    };
    Table {
        name: named(name),
        kind: TableKind::Table,
        columns: columns.iter().map(column).collect(),
        primary_key: vec![ident(columns[0].0)],
        unique_keys: Vec::new(),
        foreign_keys: keys.iter().map(key).collect(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    }
}

fn schema() -> &'static SchemaCache {
    static SCHEMA: OnceLock<SchemaCache> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let orders = [
            ("id", "int4"),
            ("buyer_id", "int4"),
            ("seller_id", "int4"),
            ("status", "text"),
            ("note", "jsonb"),
            ("total", "numeric"),
            ("at", "timestamptz"),
        ];
        let keys = [
            ("orders_buyer_fkey", "buyer_id", "users"),
            ("orders_seller_fkey", "seller_id", "users"),
        ];
        let tables = vec![
            table("orders", &orders, &keys),
            table("users", &[("id", "int4"), ("full_name", "text")], &[]),
        ];
        let path = vec!["public".to_owned()];
        SchemaCache::new("PostgreSQL 15".to_owned(), path, tables, Vec::new())
    })
}

fn corpus() -> &'static [Vec<u8>] {
    static CORPUS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let mut paths: Vec<_> =
            std::fs::read_dir("tests/corpus").unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        assert!(paths.len() >= 30, "only {} bodies were found", paths.len());
        paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
    })
}

/// The whole pipeline but the database. How many statements came of the body?
fn through(body: &[u8]) -> usize {
    let camel = ParseOptions {
        snake_case: true,
        response_case: ResponseCase::Camel,
        ..ParseOptions::default()
    };
    let mut rendered = 0;
    for options in [ParseOptions::default(), camel] {
        for operation in OPERATIONS {
            let mut request = match parse(operation, body, &options) {
                Ok(request) => request,
                Err(error) => {
                    assert!((400..500).contains(&error.problem().status), "{error}");
                    continue;
                }
            };
            request.set_profile(Profile::Bare);
            match Plan::resolve(request, schema(), PlanLimits { max_rows: 100 }) {
                Ok(plan) => rendered += statements(&plan, body),
                Err(error) => assert!(matches!(error.problem().status, 400 | 404), "{error}"),
            }
        }
    }
    rendered
}

fn statements(plan: &Plan, body: &[u8]) -> usize {
    answer(plan, body);
    let counts = [Statement::postgres_count(plan), Statement::sqlite_count(plan)];
    let counts = counts.into_iter().filter_map(|count| count.transpose());
    let all = [Statement::postgres(plan), Statement::sqlite(plan)].into_iter().chain(counts);
    let mut rendered = 0;
    for statement in all {
        match statement {
            Ok(statement) => {
                // Names stand in quotes; whatever else is left must be ours.
                let text = without_names(statement.text());
                assert!(!text.contains("zq"), "{}", statement.text());
                rendered += 1;
            }
            Err(error) => assert!(matches!(error.problem().status, 400..=599), "{error}"),
        }
    }
    rendered
}

/// Rows are the database's, and whatever they hold, an answer or a refusal comes of it.
fn answer(plan: &Plan, noise: &[u8]) {
    for rows in [&b"[{\"at\":\"2024-01-01\",\"total\":1.5,\"id\":1}]"[..], noise] {
        let mut out: BytesMut = response::open(plan);
        out.extend_from_slice(rows);
        if let Err(error) = response::build(plan, &Counted::default(), out, "r") {
            assert!(matches!(error.problem().status, 400 | 500), "{error}");
        }
    }
}

fn without_names(text: &str) -> String {
    text.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_body_of_the_corpus_is_answered_or_refused() {
    let rendered: usize = corpus().iter().map(|body| through(body)).sum();
    assert!(rendered > 40, "the corpus has to reach the renderer: {rendered}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_body_of_the_corpus_may_be_bent_anyhow(
        which in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..5_u8), 0..6),
        splice in any::<Option<(prop::sample::Index, prop::sample::Index)>>(),
    ) {
        let mut body = which.get(corpus()).clone();
        if let Some((from, to)) = splice {
            let donor = other.get(corpus());
            if !donor.is_empty() && !body.is_empty() {
                body.truncate(to.index(body.len()));
                body.extend_from_slice(&donor[from.index(donor.len())..]);
            }
        }
        for (at, byte, kind) in edits {
            if body.is_empty() {
                break;
            }
            let at = at.index(body.len());
            match kind {
                0 => body[at] = byte,
                1 => drop(body.remove(at)),
                2 => body.insert(at, byte),
                3 => body.insert(at, b"\"\\{}[]:,().!*"[usize::from(byte) % 13]),
                _ => body[at] = body[at].wrapping_add(1),
            }
        }
        through(&body);
    }
}

//! What the console copies for curl, read by our own parser: it means what the list shows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use api_types::{
    ClientName,
    console::{
        ColumnSpec, DataType, FieldType, FilterOp, FilterTerm, ListPage, ListQuery, ResourceKind,
        ResourceSpec, RowCount, SortTerm,
    },
    copied::{Language, View},
};
use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use postgrest::{
    Kind, RawRequest, Request, RestConfig,
    request::{
        Comparison, Connective, Direction, Filter, IsValue, Logic, Nulls, Operation, OrderBy,
        Selected, SimpleOperator,
    },
};
use proptest::prelude::*;

const COLUMNS: [&str; 5] = ["name", "or", "odd \"one\", \\ é", "a.b->c", "not"];

type Row = Vec<Option<String>>;

fn resource() -> ResourceSpec {
    let column = |name: &str| ColumnSpec {
        name: name.into(),
        label: name.into(),
        data_type: DataType::String,
        field_type: FieldType::Text,
        sql_type: "text".into(),
        nullable: true,
        is_key: false,
        required: false,
        read_only: None,
        default: None,
        options: Vec::new(),
        reference: None,
        help: None,
        scale: None,
        visible: true,
        is_status: false,
    };
    ResourceSpec {
        client: ClientName::parse("demo").unwrap(),
        key: "things".into(),
        label: "Things".into(),
        singular: "Thing".into(),
        schema: "public".into(),
        table: "odd things/é".into(),
        category: String::new(),
        icon: None,
        kind: ResourceKind::Table,
        id_columns: vec!["name".into()],
        read_only: None,
        can_create: true,
        search_by: vec!["or".into(), "a.b->c".into()],
        columns: COLUMNS.map(column).to_vec(),
    }
}

fn copied(query: &ListQuery) -> String {
    let page = ListPage {
        resource: resource(),
        query: query.clone(),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        rows: Vec::new(),
        count: RowCount::Unknown,
        has_next: false,
        took_ms: 0.0,
        trace_id: String::new(),
    };
    let line = View::of(&page).text(Language::Curl, "http://localhost").unwrap();
    line.split('\'').nth(1).unwrap().to_owned()
}

fn read(address: &str) -> (Request, String) {
    let rest = address.strip_prefix("http://localhost/rest/v1/").unwrap();
    let (table, query) = rest.split_once('?').unwrap();
    let table = percent_decode_str(table).decode_utf8().unwrap().into_owned();
    let (kind, headers, body) = (Kind::Relation(table.clone()), HeaderMap::new(), Bytes::new());
    let raw =
        RawRequest { method: &Method::GET, kind: &kind, query, headers: &headers, body: &body };
    let request = Request::parse(&raw, &RestConfig::default());
    (request.unwrap_or_else(|error| panic!("{address}: {error:?}")), table)
}

fn at<'a>(row: &'a Row, column: &str) -> Option<&'a str> {
    row[COLUMNS.iter().position(|known| *known == column).unwrap()].as_deref()
}

/// As the console means it: a row without a value is "not" anything, too.
fn is_shown(query: &ListQuery, row: &Row) -> bool {
    let has = |value: &str, part: &str| value.to_lowercase().contains(&part.to_lowercase());
    let searched = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let found = searched.is_none_or(|text| {
        ["or", "a.b->c"].iter().any(|column| at(row, column).is_some_and(|value| has(value, text)))
    });
    found
        && query.filters.iter().all(|term| {
            let (value, first) =
                (at(row, &term.column), term.values.first().map_or("", String::as_str));
            let is_one = |value: &str| term.values.iter().any(|known| known == value);
            match term.op {
                FilterOp::Eq => value == Some(first),
                FilterOp::Neq => value != Some(first),
                FilterOp::Contains => value.is_some_and(|value| has(value, first)),
                FilterOp::NotContains => !value.is_some_and(|value| has(value, first)),
                FilterOp::In => value.is_some_and(is_one),
                FilterOp::NotIn => !value.is_some_and(is_one),
                FilterOp::IsNull => value.is_none(),
                FilterOp::IsNotNull => value.is_some(),
                _ => unreachable!("not made below"),
            }
        })
}

/// As SQL has it: what is unknown is not true, and its opposite is not either.
fn holds(filter: &Filter, row: &Row) -> Option<bool> {
    assert!(filter.field.path.is_empty(), "{filter:?}");
    let value = at(row, &filter.field.name);
    let found = match &filter.operation {
        Operation::Is(IsValue::Null) => Some(value.is_none()),
        Operation::Simple(SimpleOperator::NotEqual, other) => value.map(|value| value != other),
        // PostgREST's way to write a list of none.
        Operation::In(values) if *values == [""] => Some(false),
        Operation::In(values) => value.map(|value| values.iter().any(|known| known == value)),
        Operation::Compare { comparison: Comparison::Equal, value: other, .. } => {
            value.map(|value| value == other)
        }
        Operation::Compare { comparison: Comparison::ILike, value: pattern, .. } => {
            let part = pattern.strip_prefix('*').and_then(|part| part.strip_suffix('*')).unwrap();
            assert!(!part.contains('*'), "{pattern}");
            value.map(|value| value.to_lowercase().contains(&unescaped(part).to_lowercase()))
        }
        Operation::Compare { comparison: Comparison::IMatch, value: expression, .. } => {
            value.map(|value| value.to_lowercase().contains(&unescaped(expression).to_lowercase()))
        }
        other => panic!("{other:?} is not copied"),
    };
    found.map(|found| found != filter.is_negated)
}

fn unescaped(text: &str) -> String {
    let (mut out, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap() } else { c });
    }
    out
}

fn is_read(request: &Request, row: &Row) -> bool {
    let filters = request.query.filters.iter().all(|(path, filter)| {
        assert!(path.is_empty(), "{path:?} {filter:?}");
        holds(filter, row) == Some(true)
    });
    let groups = request.query.logic.iter().all(|(path, logic)| match logic {
        Logic::Group { is_negated: false, connective: Connective::Or, members }
            if path.is_empty() =>
        {
            members.iter().any(|member| match member {
                Logic::Filter(filter) => holds(filter, row) == Some(true),
                Logic::Group { .. } => panic!("{member:?} is not copied"),
            })
        }
        other => panic!("{path:?} {other:?} is not copied"),
    });
    filters && groups
}

fn odd() -> impl Strategy<Value = String> {
    let sign = prop::sample::select(vec![
        "a", "B", "\"", "\\", ",", "(", ")", "*", "%", "_", ".", " ", "'", "\n", "é", "+", "&",
        ";", "=", "null", "not.", "$", "{", "}", ":", "#", "?", "/",
    ]);
    prop::collection::vec(sign, 0..4).prop_map(|signs| signs.concat())
}

fn term() -> impl Strategy<Value = FilterTerm> {
    let ops = vec![
        FilterOp::Eq,
        FilterOp::Neq,
        FilterOp::Contains,
        FilterOp::NotContains,
        FilterOp::In,
        FilterOp::NotIn,
        FilterOp::IsNull,
        FilterOp::IsNotNull,
    ];
    let values = prop::collection::vec(odd(), 1..4);
    (prop::sample::select(COLUMNS.to_vec()), prop::sample::select(ops), values).prop_map(
        |(column, op, mut values)| {
            let many = matches!(op, FilterOp::In | FilterOp::NotIn);
            let none = matches!(op, FilterOp::IsNull | FilterOp::IsNotNull);
            values.truncate(if none {
                0
            } else if many {
                3
            } else {
                1
            });
            FilterTerm { column: column.to_owned(), op, values }
        },
    )
}

fn view() -> impl Strategy<Value = ListQuery> {
    let sort = prop::collection::vec((prop::sample::select(COLUMNS.to_vec()), any::<bool>()), 0..3);
    (prop::collection::vec(term(), 0..4), prop::option::of(odd()), sort, 1..5_u32).prop_map(
        |(filters, search, sort, page)| {
            let sort = sort.into_iter();
            let sort =
                sort.map(|(column, descending)| SortTerm { column: column.to_owned(), descending });
            ListQuery {
                search,
                filters,
                sort: sort.collect(),
                page,
                page_size: 7,
                columns: Vec::new(),
            }
        },
    )
}

/// Rows whose values the filters name, beside others and none.
fn rows(query: &ListQuery, others: &[String]) -> Vec<Row> {
    let named = query.filters.iter().flat_map(|term| &term.values).chain(query.search.as_ref());
    let mut values: Vec<Option<String>> = named.chain(others).cloned().map(Some).collect();
    values.push(None);
    let start = |at: usize, column: usize| values[(at + column * at) % values.len()].clone();
    (0..values.len())
        .map(|at| (0..COLUMNS.len()).map(|column| start(at, column)).collect())
        .collect()
}

proptest! {
    #[test]
    fn every_copied_address_means_what_the_list_shows(
        query in view(),
        others in prop::collection::vec(odd(), 2..6),
    ) {
        let address = copied(&query);
        let (request, table) = read(&address);
        prop_assert_eq!(table, "odd things/é");
        for row in rows(&query, &others) {
            prop_assert_eq!(is_read(&request, &row), is_shown(&query, &row), "{} {:?}", address, row);
        }
        let selected = request.query.select.iter().map(|selected| match selected {
            Selected::Field(field) if field.field.path.is_empty() => field.field.name.as_str(),
            other => panic!("{other:?} is not copied"),
        });
        prop_assert_eq!(selected.collect::<Vec<_>>(), COLUMNS);
        prop_assert_eq!(request.range.limit, Some(7));
        prop_assert_eq!(request.range.offset, i64::from(query.page - 1) * 7);
        let ordered = request.query.order.iter().flat_map(|(_, terms)| terms).map(|term| {
            let OrderBy::Field(field) = &term.by else { panic!("{term:?} is not copied") };
            let descending = term.direction == Some(Direction::Descending);
            // In ascending order they are last by themselves.
            assert!(!descending || term.nulls == Some(Nulls::Last), "{term:?}");
            (field.name.clone(), descending)
        });
        let mut wanted: Vec<_> =
            query.sort.iter().map(|term| (term.column.clone(), term.descending)).collect();
        if !wanted.iter().any(|(column, _)| column == "name") {
            wanted.push(("name".to_owned(), false));
        }
        prop_assert_eq!(ordered.collect::<Vec<_>>(), wanted);
    }
}

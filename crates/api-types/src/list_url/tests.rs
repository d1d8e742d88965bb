//! The forms of a list's URL, one by one, and the law that writing what was read is stable.

use super::*;
use crate::console::{DataType, FieldType, FilterOp, FilterTerm, SortTerm};
use proptest::prelude::*;

fn column(name: &str, data_type: DataType) -> ColumnSpec {
    ColumnSpec {
        name: name.into(),
        label: name.into(),
        data_type,
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
    }
}

fn columns() -> Vec<ColumnSpec> {
    vec![
        column("status", DataType::String),
        column("amount", DataType::Number),
        column("due_date", DataType::Date),
        column("page", DataType::Number),
        column("odd,-\"name", DataType::String),
        column("cash$", DataType::Number),
    ]
}

fn read(query: &str) -> ListQuery {
    ListQuery::from_url(query, &columns()).unwrap()
}

fn problems(query: &str) -> Vec<String> {
    let problems = ListQuery::from_url(query, &columns()).unwrap_err();
    problems.iter().map(ToString::to_string).collect()
}

fn only_filter(query: &str) -> (String, FilterOp, Vec<String>) {
    let mut filters = read(query).filters;
    assert_eq!(filters.len(), 1, "{query}");
    let FilterTerm { column, op, values } = filters.remove(0);
    (column, op, values)
}

#[test]
fn every_written_form_of_a_filter_is_understood() {
    use FilterOp::*;
    let cases: &[(&str, &str, FilterOp, &[&str])] = &[
        ("status=paid", "status", Eq, &["paid"]),
        ("status=two+words%21", "status", Eq, &["two words!"]),
        ("status===paid", "status", Eq, &["paid"]),
        ("status=equals=in=a", "status", Eq, &["in=a"]),
        ("status=", "status", Eq, &[""]),
        ("amount=%3E%3D+10", "amount", Gte, &["10"]),
        ("amount=>= 10", "amount", Gte, &["10"]),
        ("amount>=10", "amount", Gte, &["10"]),
        ("amount%3E=10", "amount", Gte, &["10"]),
        ("amount%3E%3D=10", "amount", Gte, &["10"]),
        ("amount<=10", "amount", Lte, &["10"]),
        ("amount>10", "amount", Gt, &["10"]),
        ("amount<10", "amount", Lt, &["10"]),
        ("amount!=10", "amount", Neq, &["10"]),
        ("amount=!=10", "amount", Neq, &["10"]),
        ("status~=ai", "status", Contains, &["ai"]),
        ("status!~=ai", "status", NotContains, &["ai"]),
        ("status=~ai", "status", Contains, &["ai"]),
        ("status=^p", "status", StartsWith, &["p"]),
        ("status=$d", "status", EndsWith, &["d"]),
        ("status=contains=ai", "status", Contains, &["ai"]),
        ("status=not_contains=ai", "status", NotContains, &["ai"]),
        ("status=starts_with=p", "status", StartsWith, &["p"]),
        ("status=ends_with=d", "status", EndsWith, &["d"]),
        ("status=in=a,\"b,c\",\"\"", "status", In, &["a", "b,c", ""]),
        ("status=not_in=a,b", "status", NotIn, &["a", "b"]),
        ("status=is_null", "status", IsNull, &[]),
        ("status=is_not_null", "status", IsNotNull, &[]),
        ("status=a&status=b&status=a", "status", In, &["a", "b"]),
        ("cash$=7", "cash$", Eq, &["7"]),
        ("filters=[{\"column\":\"page\",\"op\":\">=\",\"value\":3}]", "page", Gte, &["3"]),
        ("filters=[{\"column\":\"page\",\"op\":\"in\",\"value\":[3,4]}]", "page", In, &["3", "4"]),
    ];
    for (query, column, op, values) in cases {
        let (found, found_op, found_values) = only_filter(query);
        assert_eq!(
            (found.as_str(), found_op, found_values),
            (*column, *op, values.iter().map(ToString::to_string).collect::<Vec<_>>()),
            "{query}"
        );
    }
}

#[test]
fn a_range_is_two_filters() {
    let query = read("amount=>= 10&amount=<= 20");
    assert_eq!(query.filters.len(), 2);
    assert_eq!(query.to_url(), "amount=%3E%3D%2010&amount=%3C%3D%2020");
}

#[test]
fn paging_sorting_and_columns_are_read() {
    let query = read("q=abc&page=3&rows_per_page=50&sortby=status,-due_date&cols=amount,status");
    assert_eq!(query.search.as_deref(), Some("abc"));
    assert_eq!((query.page, query.page_size), (3, 50));
    let sort = |column: &str, descending| SortTerm { column: column.into(), descending };
    assert_eq!(query.sort, [sort("status", false), sort("due_date", true)]);
    assert_eq!(query.columns, ["amount", "status"]);
    assert_eq!(read("sortby=amount&sortdir=desc").sort, [sort("amount", true)]);
    assert_eq!(read("sortdir=desc&sortby=amount").sort, [sort("amount", true)]);
    assert_eq!(read("").page_size, DEFAULT_PAGE_SIZE);
    assert_eq!(read("").to_url(), "");
}

#[test]
fn what_is_not_understood_is_named() {
    let cases = [
        ("Due-Date=1", "there is no column \"Due-Date\"; did you mean \"due_date\"?"),
        ("nope>=1", "there is no column \"nope>\""),
        ("nope", "there is no column \"nope\""),
        ("sortby=-nope", "there is no column \"nope\""),
        ("cols=nope", "there is no column \"nope\""),
        ("page=0", "page is \"0\", not a page from 1"),
        ("per_page=5000", "per_page is \"5000\", not a number of rows from 1 to 1000"),
        ("sortdir=up", "sortdir is \"up\", neither asc nor desc"),
        ("page=1&page=2", "page is given more than once"),
        ("sortby=amount,amount", "sortby amount is given more than once"),
        ("view=mine", "view is reserved and not in use yet"),
        ("status=%FF", "status holds a text that is not UTF-8"),
        ("status=in=\"a", "the filter on \"status\" has a quote that is not closed"),
    ];
    for (query, message) in cases {
        assert_eq!(problems(query), [message], "{query}");
    }
    assert!(problems("status=like=a%25")[0].contains("\"like\" is no filter operator"));
    for empty in ["amount=", "status=in=", "status=~", "amount", "amount=in=1,\"\""] {
        assert!(problems(empty)[0].contains("has no value"), "{empty}");
    }
    assert!(problems("filters={")[0].starts_with("filters is no JSON list"));
    assert!(problems("filters=[{\"column\":\"amount\",\"op\":\"like\"}]")[0].contains("like"));
    assert!(problems(&"status=a&".repeat(300))[0].contains("more than 256"));
}

#[test]
fn every_mistake_is_reported_and_the_first_gives_the_code() {
    let found = ListQuery::from_url("nope=1&page=x", &columns()).unwrap_err();
    let problem = UrlProblem::problem(&found);
    assert_eq!((problem.status, problem.code.as_str()), (400, "unknown_column"));
    let fields: Vec<_> = problem.fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["nope", "page"]);
}

proptest! {
    #[test]
    fn writing_what_was_read_is_stable(
        parts in proptest::collection::vec(
            prop_oneof![
                "(status|amount|due_date|cash%24)(=|>=|<|~=|)(>= ?|!=|~|in=|is_null|equals=)?[a-z\"',=0-9 %+-]{0,6}",
                "(q|page|per_page|sortby|sortdir|cols)=(-?status|amount|[0-9]{1,2}|desc|[a-z,é]{0,4})",
                "filters=\\[\\{\"column\":\"(page|status)\",\"op\":\"(in|neq|contains|is_null)\",\"value\":\"[a-z\\^,]{0,3}\"\\}\\]",
            ],
            0..6,
        )
    ) {
        if let Ok(query) = ListQuery::from_url(&parts.join("&"), &columns()) {
            let url = query.to_url();
            let again = ListQuery::from_url(&url, &columns());
            prop_assert!(again.is_ok(), "{url}: {again:?}");
            prop_assert_eq!(again.unwrap().to_url(), url);
        }
    }

    #[test]
    fn any_text_survives_as_a_filter_value(value in "\\PC{1,12}", op in 0..3usize) {
        let op = [FilterOp::Eq, FilterOp::Contains, FilterOp::In][op];
        let column = String::from("odd,-\"name");
        let query = ListQuery {
            filters: vec![FilterTerm { column: column.clone(), op, values: vec![value] }],
            sort: vec![SortTerm { column: column.clone(), descending: true }],
            columns: vec![column],
            page: 1,
            page_size: DEFAULT_PAGE_SIZE,
            search: None,
        };
        prop_assert_eq!(ListQuery::from_url(&query.to_url(), &columns()), Ok(query));
    }
}

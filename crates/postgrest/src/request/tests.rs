//! What is understood, what is refused, and in which words.

use super::*;
use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

fn headers(sent: &[(&str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&str, &str)| {
        (HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap())
    };
    sent.iter().map(pair).collect()
}

fn sent(
    method: Method,
    kind: Kind,
    query: &str,
    sent: &[(&str, &str)],
    body: &str,
) -> Result<Request, RestError> {
    let (headers, body) = (headers(sent), Bytes::from(body.to_owned()));
    let raw = RawRequest { method: &method, kind: &kind, query, headers: &headers, body: &body };
    Request::parse(&raw, &RestConfig::default())
}

fn films() -> Kind {
    Kind::Relation("films".to_owned())
}

fn read(query: &str) -> Result<Request, RestError> {
    sent(Method::GET, films(), query, &[], "")
}

/// Message and details of a parameter that was refused.
fn refused(query: &str) -> (String, String) {
    let problem = read(query).unwrap_err().problem();
    assert_eq!((problem.status.as_u16(), problem.code.as_str()), (400, "PGRST100"), "{query}");
    let details = problem.details.unwrap();
    (problem.message, details.as_str().unwrap().to_owned())
}

#[test]
fn a_parameter_that_is_not_understood_is_told_as_parsec_tells_it() {
    let select = |text: &str, column: u32| {
        format!("\"failed to parse select parameter ({text})\" (line 1, column {column})")
    };
    let order = |text: &str, column: u32| {
        format!("\"failed to parse order ({text})\" (line 1, column {column})")
    };
    for (query, message, details) in [
        (
            "order=id.asc.nullslasttt",
            order("id.asc.nullslasttt", 17),
            "unexpected 't' expecting \",\" or end of input",
        ),
        (
            "order=id.ac",
            order("id.ac", 4),
            "unexpected \"c\" expecting \"asc\", \"desc\", \"nullsfirst\" or \"nullslast\"",
        ),
        (
            "order=id.descc",
            order("id.descc", 8),
            "unexpected 'c' expecting delimiter (.), \",\" or end of input",
        ),
        (
            "order=clients(name,id)",
            order("clients(name,id)", 8),
            "unexpected '(' expecting letter, digit, \"-\", \"->>\", \"->\", delimiter (.), \",\" or end of input",
        ),
        (
            "id=val",
            "\"failed to parse filter (val)\" (line 1, column 1)".to_owned(),
            "unexpected \"v\" expecting \"not\" or operator (eq, gt, ...)",
        ),
        (
            "a.b=noop.0",
            "\"failed to parse filter (noop.0)\" (line 1, column 1)".to_owned(),
            "unexpected \"o\" expecting \"not\" or operator (eq, gt, ...)",
        ),
        (
            "or=(id.in.1,2,id.eq.3)",
            "\"failed to parse logic tree ((id.in.1,2,id.eq.3))\" (line 1, column 10)".to_owned(),
            "unexpected \"1\" expecting \"(\"",
        ),
        (
            "select=id,clients(name[])",
            select("id,clients(name[])", 16),
            "unexpected '[' expecting letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
        ),
        (
            "select=name!hint",
            select("name!hint", 5),
            "unexpected '!' expecting letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
        ),
        (
            "select=data->>-78xy",
            select("data->>-78xy", 11),
            "unexpected 'x' expecting digit, \"->\", \"::\", \".\", \",\" or end of input",
        ),
        (
            "or=()",
            "\"failed to parse logic tree (())\" (line 1, column 4)".to_owned(),
            "unexpected \")\" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)",
        ),
        (
            "or=(id.eq.1,not.xor(id.eq.2,id.eq.3))",
            "\"failed to parse logic tree ((id.eq.1,not.xor(id.eq.2,id.eq.3)))\" (line 1, column 16)".to_owned(),
            "unexpected \"x\" expecting logic operator (and, or)",
        ),
        (
            "select=name::",
            select("name::", 7),
            "unexpected end of input expecting letter or digit",
        ),
    ] {
        let told = refused(query);
        assert_eq!(told, (message, details.to_owned()), "{query}");
    }
}

fn selected(query: &str) -> Vec<Selected> {
    read(query).unwrap_or_else(|error| panic!("{query}: {error}")).query.select
}

#[test]
fn a_column_has_an_alias_a_path_a_cast_and_an_aggregate() {
    let [Selected::Field(field)] = &selected("select=total:data->a->>-1::numeric.sum()::text")[..]
    else {
        panic!("one field");
    };
    let step = |as_text, to| JsonStep { as_text, to };
    assert_eq!(
        *field,
        SelectedField {
            field: Field {
                name: "data".to_owned(),
                path: vec![
                    step(false, JsonKey::Member("a".to_owned())),
                    step(true, JsonKey::Index("-1".to_owned())),
                ],
            },
            alias: Some("total".to_owned()),
            cast: Some("numeric".to_owned()),
            aggregate: Some(Aggregate::Sum),
            aggregate_cast: Some("text".to_owned()),
        }
    );
}

#[test]
fn an_embed_has_a_hint_and_a_join_in_any_order() {
    for (query, hint, join, is_spread) in [
        ("select=a:b!h!inner(*)", Some("h"), Some(Join::Inner), false),
        ("select=a:b!left!h(*)", Some("h"), Some(Join::Left), false),
        ("select=a:b!inner_id(*)", Some("inner_id"), None, false),
        ("select=...b(*)", None, None, true),
    ] {
        let [Selected::Embed(embed)] = &selected(query)[..] else { panic!("{query}") };
        assert_eq!(embed.target, "b", "{query}");
        assert_eq!((embed.hint.as_deref(), embed.join), (hint, join), "{query}");
        assert_eq!(embed.is_spread, is_spread, "{query}");
    }
    let [Selected::Embed(empty)] = &selected("select=b()")[..] else { panic!("an embed") };
    assert_eq!(empty.selected, []);
}

#[test]
fn quotes_keep_what_would_end_a_value() {
    let values = |query: &str| match &read(query).unwrap().query.filters[0].1.operation {
        Operation::In(values) => values.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(values("id=in.(1,2)"), ["1", "2"]);
    assert_eq!(values(r#"id=in.("a,b","c\"d",e"f)"#), ["a,b", "c\"d", "e\"f"]);
    assert_eq!(values("id=in.()"), [""]);
}

#[test]
fn every_operator_is_read_with_not_and_quantifiers() {
    for operator in ["eq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "imatch"] {
        for (said, quantifier) in
            [("", None), ("(any)", Some(Quantifier::Any)), ("(all)", Some(Quantifier::All))]
        {
            let request = read(&format!("a=not.{operator}{said}.x.y")).unwrap();
            let filter = &request.query.filters[0].1;
            assert!(filter.is_negated);
            let Operation::Compare { quantifier: found, value, .. } = &filter.operation else {
                panic!("{operator}");
            };
            assert_eq!((*found, value.as_str()), (quantifier, "x.y"));
        }
    }
    for simple in ["neq", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"] {
        let request = read(&format!("a={simple}.x")).unwrap();
        assert!(matches!(request.query.filters[0].1.operation, Operation::Simple(..)), "{simple}");
    }
    for (text, meaning) in [("NULL", IsValue::Null), ("not_null", IsValue::NotNull)] {
        let request = read(&format!("a=is.{text}")).unwrap();
        assert_eq!(request.query.filters[0].1.operation, Operation::Is(meaning));
    }
    let request = read("a=wfts(english).x").unwrap();
    let Operation::Fts { operator, language, .. } = &request.query.filters[0].1.operation else {
        panic!("a search");
    };
    assert_eq!((*operator, language.as_deref()), (FtsOperator::Websearch, Some("english")));
}

#[test]
fn trees_of_conditions_nest() {
    let request = read("client.not.or=(a.eq.1,and(b.not.is.null,c.in.(1,2)),d.cs.{x,y})").unwrap();
    let (path, logic) = &request.query.logic[0];
    assert_eq!(path, &["client"]);
    let Logic::Group { is_negated: true, connective: Connective::Or, members } = logic else {
        panic!("{logic:?}");
    };
    assert_eq!(members.len(), 3);
    let Logic::Filter(Filter { operation: Operation::Simple(_, array), .. }) = &members[2] else {
        panic!("{members:?}");
    };
    assert_eq!(array, "{x,y}");
}

#[test]
fn what_nests_too_deep_is_refused_and_not_followed() {
    let nested = |open: &str, depth: usize| open.repeat(depth) + &")".repeat(depth);
    assert!(read(&format!("select={}", nested("a(", 5000))).is_err());
    assert!(read(&format!("and=({}", nested("and(", 5000))).is_err());
}

#[test]
fn only_a_call_by_address_has_arguments_beside_filters() {
    let call = |method| {
        let kind = Kind::Routine("f".to_owned());
        sent(method, kind, "a=1&b=eq.2&select=x", &[], "{}").map(|request| request.query.arguments)
    };
    assert_eq!(call(Method::GET).unwrap(), [("a".to_owned(), "1".to_owned())]);
    assert!(call(Method::POST).is_err());
}

#[test]
fn the_range_is_what_header_and_parameters_have_in_common() {
    let range = |query: &str, header: &str| {
        sent(Method::GET, films(), query, &[("range", header)], "").map(|request| request.range)
    };
    let of = |offset, limit| Ok(range::Range { offset, limit });
    assert_eq!(range("", "0-9"), of(0, Some(10)));
    assert_eq!(range("", "5-"), of(5, None));
    assert_eq!(range("", "nonsense"), of(0, None));
    assert_eq!(range("limit=3&offset=2", "0-3"), of(2, Some(2)));
    assert_eq!(range("limit=0", "0-3"), of(0, Some(0)));
    assert_eq!(range("", "3-1"), Err(RestError::BackwardRange));
    assert_eq!(range("limit=-1", ""), Err(RestError::NegativeLimit));
    let put = sent(Method::PUT, films(), "limit=1", &[], "{}");
    assert_eq!(put.unwrap_err(), RestError::PutRange);
}

#[test]
fn bodies_have_uniform_members_in_every_form() {
    let given = |content_type: &str, body: &str| {
        let headers = [("content-type", content_type)];
        let request = sent(Method::POST, films(), "", &headers, body);
        request.map(|request| (request.columns.into_iter().collect::<Vec<_>>(), request.payload))
    };
    let message =
        |content_type: &str, body: &str| given(content_type, body).unwrap_err().problem().message;
    let json = |text: &str| Some(Payload::Json(Bytes::from(text.to_owned())));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let array = r#"[{"a":1,"b":2},{"b":3,"a":4}]"#;
    assert_eq!(given("application/json", array), Ok((names(&["a", "b"]), json(array))));
    let csv = "a,b\r\n1,\"x,\"\"y\"\"\nz\"\nNULL,2\n";
    let rows = r#"[{"a":"1","b":"x,\"y\"\nz"},{"a":null,"b":"2"}]"#;
    assert_eq!(given("text/csv", csv), Ok((names(&["a", "b"]), json(rows))));
    let form = given("application/x-www-form-urlencoded", "a=1+2&b=%26");
    assert_eq!(form, Ok((names(&["a", "b"]), json(r#"{"a":"1 2","b":"&"}"#))));
    assert_eq!(given("application/json", "7"), Ok((names(&[]), json("[]"))));
    assert_eq!(message("application/json", r#"[{"a":1},{"b":2}]"#), "All object keys must match");
    assert_eq!(message("application/json", ""), "Empty or invalid json");
    assert_eq!(message("text/csv", "a,b\n1"), "All lines must have same number of fields");
    assert_eq!(message("text/plain", "x"), "Content-Type not acceptable: text/plain");
}

#[test]
fn the_first_of_repeated_preferences_counts_and_others_are_named() {
    let preferences =
        |text: &str| sent(Method::GET, films(), "", &[("prefer", text)], "").unwrap().preferences;
    let found =
        preferences("return=minimal, return=representation,handling=strict, odd, max-affected=3");
    assert_eq!(found.representation, Some(prefer::Representation::Minimal));
    assert_eq!((found.is_strict(), found.max_affected), (true, Some(3)));
    assert_eq!(found.invalid, ["odd"]);
    assert_eq!(found.applied().unwrap(), "return=minimal, handling=strict, max-affected=3");
    // Nobody may choose the end of the transaction here.
    assert_eq!(preferences("tx=rollback").transaction, None);
}

#[test]
fn the_most_wanted_media_type_comes_first() {
    let accepts = |text: &str| {
        let request = sent(Method::GET, films(), "", &[("accept", text)], "").unwrap();
        request.accepts
    };
    assert_eq!(accepts("text/csv;q=0.5, application/json"), [MediaType::Json, MediaType::Csv]);
    let object = "application/vnd.pgrst.object+json;nulls=stripped";
    assert_eq!(accepts(object), [MediaType::Object { strips_nulls: true }]);
    let plan = "application/vnd.pgrst.plan+json; for=\"text/csv\"; options=analyze|wal";
    let [MediaType::Plan(found)] = &accepts(plan)[..] else { panic!("a plan") };
    assert_eq!((found.of.clone(), found.as_json, found.options.len()), (MediaType::Csv, true, 2));
    assert_eq!(MediaType::Plan(found.clone()).name(), plan);
}

#[test]
fn a_schema_that_is_not_exposed_is_refused_with_those_that_are() {
    let asked = |method, header| sent(method, films(), "", &[(header, "secret")], "{}");
    let problem = asked(Method::GET, "accept-profile").unwrap_err().problem();
    assert_eq!((problem.status.as_u16(), problem.code.as_str()), (406, "PGRST106"));
    assert_eq!(problem.hint.unwrap(), "Only the following schemas are exposed: public");
    assert!(asked(Method::POST, "accept-profile").is_ok());
    assert!(asked(Method::POST, "content-profile").is_err());
}

fn method() -> impl Strategy<Value = Method> {
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::PUT];
    prop::sample::select(methods.to_vec())
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_and_never_a_panic(
        method in method(),
        is_routine: bool,
        query in ".{0,200}",
        prefer in "[ -~]{0,60}",
        accept in "[ -~]{0,60}",
        range in "[ -~]{0,30}",
        content_type in prop::sample::select(vec!["application/json", "text/csv", "text/plain", "application/x-www-form-urlencoded"]),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let kind = if is_routine { Kind::Routine("f".to_owned()) } else { films() };
        let sent = [("prefer", prefer), ("accept", accept), ("range", range)];
        let mut headers: HeaderMap = sent
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::try_from(value).unwrap()))
            .collect();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        let body = Bytes::from(body);
        let raw = RawRequest { method: &method, kind: &kind, query: &query, headers: &headers, body: &body };
        if let Err(error) = Request::parse(&raw, &RestConfig::default()) {
            prop_assert!(error.problem().status.is_client_error());
        }
    }

    #[test]
    fn text_made_of_the_language_is_an_answer_too(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "select=", "order=", "or=", "a.and=", "id=", "&", "(", ")", ",", ".", "...", "not.", "eq.", "in.(", "\"", "\\",
                "->", "->>", "::", ":", "!", "a", "b c", "*", "count()", "-1", "is.null", "fts(en).", "{", "}", "limit=", "%00", "%FF", "é",
            ]),
            0..40,
        ),
    ) {
        let _ = read(&parts.concat());
    }
}

#[test]
fn no_select_is_larger_than_a_row_or_has_endless_embeds() {
    let columns = |count: usize| vec!["a"; count].join(",");
    assert!(select::parameter(&columns(1664)).is_ok());
    assert!(select::parameter(&columns(1665)).is_err());
    let embeds = |count: usize| vec!["a(b)"; count].join(",");
    assert!(select::parameter(&embeds(500)).is_ok());
    assert!(select::parameter(&embeds(501)).is_err());
}

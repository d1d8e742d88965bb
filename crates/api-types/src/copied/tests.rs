//! Every operator in every language, odd values, and what cannot be said.

use super::{Language, Unsaid, View, quote};
use crate::ClientName;
use crate::console::{
    ColumnSpec, DataType, FieldType, FilterOp, ListPage, ListQuery, ResourceKind, ResourceSpec,
    RowCount, SortTerm,
};
use proptest::prelude::*;

const BASE: &str = "http://localhost:4052";
/// The wide view below; the Rust library's example of this name is compiled with it.
const RUST: &str = include_str!("../../../client/examples/copied_view.txt");

fn column(name: &str, data_type: DataType) -> ColumnSpec {
    ColumnSpec {
        name: name.into(),
        label: name.into(),
        data_type,
        field_type: FieldType::Text,
        sql_type: "text".into(),
        nullable: name == "note" || name == "number",
        is_key: name == "id",
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

fn resource() -> ResourceSpec {
    let mut status = column("status", DataType::String);
    status.options = vec!["open".into(), "paid".into()];
    let mut doc = column("doc", DataType::Json);
    doc.sql_type = "json".into();
    ResourceSpec {
        client: ClientName::parse("demo").unwrap(),
        key: "invoices".into(),
        label: "Invoices".into(),
        singular: "Invoice".into(),
        schema: "public".into(),
        table: "invoices".into(),
        category: String::new(),
        icon: None,
        kind: ResourceKind::Table,
        id_columns: vec!["id".into()],
        read_only: None,
        can_create: true,
        search_by: vec!["number".into(), "note".into()],
        columns: vec![
            column("id", DataType::Number),
            column("number", DataType::String),
            column("note", DataType::String),
            column("amount", DataType::Number),
            column("order", DataType::String),
            column("odd \"name\"", DataType::String),
            status,
            doc,
        ],
    }
}

/// What a list shows under an address's query.
fn page(query: &str) -> ListPage {
    let resource = resource();
    let query = ListQuery::from_url(query, &resource.columns).unwrap();
    of_query(resource, query)
}

fn of_query(resource: ResourceSpec, query: ListQuery) -> ListPage {
    let columns = match query.columns.as_slice() {
        [] => vec!["number".to_owned(), "amount".to_owned()],
        named => named.to_vec(),
    };
    let (count, trace_id) = (RowCount::Unknown, String::new());
    ListPage {
        resource,
        query,
        columns,
        rows: Vec::new(),
        count,
        has_next: false,
        took_ms: 0.0,
        trace_id,
    }
}

fn said(page: &ListPage, language: Language) -> String {
    View::of(page).text(language, BASE).unwrap()
}

fn unsaid(page: &ListPage, language: Language) -> Unsaid {
    View::of(page).text(language, BASE).unwrap_err()
}

/// The address of the line that curl is given, decoded pair by pair.
fn pairs(page: &ListPage) -> Vec<String> {
    let line = said(page, Language::Curl);
    let query = line.split('\'').nth(1).unwrap().split_once('?').unwrap().1;
    let decode =
        |pair: &str| percent_encoding::percent_decode_str(pair).decode_utf8().unwrap().into_owned();
    query.split('&').map(decode).collect()
}

/// A filter of every kind, two orders, a search, odd values, the third page.
fn wide() -> ListPage {
    page(concat!(
        "number=!%3DA-1&note=contains%3D50%25_\\\\&amount=>%3D10&amount=<99.5&status=in%3Dopen,paid",
        "&odd+%22name%22=O'Neil+\"x\"%0A%E2%80%A8&note=not_contains%3Da,b&number=starts_with%3DR(1)",
        "&number=ends_with%3D%C3%A9&amount=is_not_null&note=is_null&number=not_in%3Da,%22b,c%22&order=up",
        "&amount=>1&amount=<%3D98&q=north&sortby=-amount,number&page=3&per_page=10&cols=number,order",
    ))
}

#[test]
fn a_plain_view_is_a_short_line_for_curl() {
    let line = said(&page("status=paid&sortby=-amount&per_page=25"), Language::Curl);
    assert_eq!(
        line,
        "curl 'http://localhost:4052/rest/v1/invoices?select=number,amount&status=eq.paid\
         &order=amount.desc.nullslast,id&limit=25' \\\n  \
         -H 'X-Athena-Client: demo' \\\n  \
         -H 'Accept-Profile: public' \\\n  \
         -H \"apikey: $ATHENA_KEY\""
    );
}

#[test]
fn a_plain_view_reads_as_people_write_it_for_supabase_js() {
    let text = said(&page("status=paid&sortby=-amount,number&page=2"), Language::SupabaseJs);
    assert_eq!(
        text,
        "import { createClient } from '@supabase/supabase-js'\n\n\
         const db = createClient('http://localhost:4052', process.env.ATHENA_KEY, {\n  \
           global: { headers: { 'X-Athena-Client': 'demo' } },\n\
         })\n\
         const { data, error } = await db\n  \
           .schema('public')\n  \
           .from('invoices')\n  \
           .select('number, amount')\n  \
           .eq('status', 'paid')\n  \
           .order('amount', { ascending: false, nullsFirst: false })\n  \
           .order('number')\n  \
           .order('id')\n  \
           .range(25, 49)\n"
    );
}

#[test]
fn every_filter_has_its_word_in_an_address() {
    assert_eq!(
        pairs(&wide()),
        [
            "select=number,\"order\"",
            "or=(number.neq.A-1,number.is.null)",
            "note=ilike.*50\\%\\_\\\\\\\\*",
            "amount=gte.10",
            "amount=lt.99.5",
            "status=in.(open,paid)",
            "\"odd \\\"name\\\"\"=eq.O'Neil \"x\"\n\u{2028}",
            "or=(note.not.ilike.\"*a,b*\",note.is.null)",
            "number=ilike.R(1)*",
            "number=ilike.*é",
            "amount=not.is.null",
            "note=is.null",
            "or=(number.not.in.(a,\"b,c\"),number.is.null)",
            "\"order\"=eq.up",
            "amount=gt.1",
            "amount=lte.98",
            "or=(number.ilike.*north*,note.ilike.*north*)",
            "order=amount.desc.nullslast,number,id",
            "limit=10",
            "offset=20",
        ]
    );
}

#[test]
fn every_filter_has_its_method_in_supabase_js() {
    let text = said(&wide(), Language::SupabaseJs);
    let calls: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  .")).collect();
    assert_eq!(
        calls,
        [
            r#"schema('public')"#,
            r#"from('invoices')"#,
            r#"select('number, "order"')"#,
            r#"or('number.neq.A-1,number.is.null')"#,
            r#"ilike('note', '%50\\%\\_\\\\\\\\%')"#,
            r#"gte('amount', '10')"#,
            r#"lt('amount', '99.5')"#,
            r#"in('status', ['open', 'paid'])"#,
            r#"eq('"odd \\"name\\""', 'O\'Neil "x"\n\u{2028}')"#,
            r#"or('note.not.ilike."*a,b*",note.is.null')"#,
            r#"ilike('number', 'R(1)%')"#,
            r#"ilike('number', '%é')"#,
            r#"not('amount', 'is', null)"#,
            r#"is('note', null)"#,
            r#"or('number.not.in.(a,"b,c"),number.is.null')"#,
            r#"eq('"order"', 'up')"#,
            r#"gt('amount', '1')"#,
            r#"lte('amount', '98')"#,
            r#"or('number.ilike.*north*,note.ilike.*north*')"#,
            r#"order('amount', { ascending: false, nullsFirst: false })"#,
            r#"order('number')"#,
            r#"order('id')"#,
            r#"range(20, 29)"#,
        ]
    );
}

#[test]
fn the_rust_text_is_the_one_that_the_librarys_example_is_compiled_with() {
    let text = said(&wide(), Language::Rust);
    assert_eq!(format!("{{\n{text}rows\n}}\n"), RUST);
}

#[test]
fn a_star_in_a_text_is_no_sign_for_anything() {
    let page = page("number=contains%3D2*(3%2B4)&note=not_contains%3D*&number=starts_with%3D*.");
    assert_eq!(
        pairs(&page)[1..4],
        [
            "number=imatch.2\\*\\(3\\+4\\)",
            "or=(note.not.imatch.\"\\\\*\",note.is.null)",
            "number=imatch.^\\*\\.",
        ]
    );
    let text = said(&page, Language::SupabaseJs);
    assert!(text.contains(r"  .filter('number', 'imatch', '2\\*\\(3\\+4\\)')"), "{text}");
    assert!(said(&page, Language::Rust).contains(r#".ilike("number", "%2*(3+4)%")"#));
}

#[test]
fn a_list_of_one_empty_text_is_not_an_empty_list() {
    let page = page("number=in%3D%22%22&order=not_in%3D%22%22");
    assert_eq!(pairs(&page)[1..3], ["number=eq.", "\"order\"=neq."]);
}

#[test]
fn a_quote_or_a_bracket_in_a_list_ends_nothing() {
    let page = page("number=in%3D%22a%22%22b%22,%22c)%22,%22d\\%22");
    assert_eq!(pairs(&page)[1], r#"number=in.("a\"b","c)","d\\")"#);
    let text = said(&page, Language::SupabaseJs);
    assert!(text.contains(r#"  .filter('number', 'in', '("a\\"b","c)","d\\\\")')"#), "{text}");
}

#[test]
fn what_postgrest_cannot_say_is_told_and_rust_says_it() {
    let enum_part = page("status=contains%3Dpa");
    let column = || "status".to_owned();
    for language in [Language::Curl, Language::SupabaseJs] {
        assert_eq!(unsaid(&enum_part, language), Unsaid::PartOfNoText { column: column() });
        let json = page("doc=1");
        assert_eq!(unsaid(&json, language), Unsaid::PlainJson { column: "doc".into() });
        let mut elsewhere = page("");
        elsewhere.resource.schema = "größe".into();
        assert_eq!(unsaid(&elsewhere, language), Unsaid::Schema { schema: "größe".into() });
    }
    assert!(said(&enum_part, Language::Rust).contains(r#".ilike("status", "%pa%")"#));
    let mut unsearched = page("q=x");
    unsearched.resource.search_by.clear();
    for language in Language::ALL {
        assert_eq!(unsaid(&unsearched, language), Unsaid::SearchOfNothing);
    }
}

#[test]
fn the_key_is_a_variable_in_every_language() {
    for (language, variable) in [
        (Language::Curl, "\"apikey: $ATHENA_KEY\""),
        (Language::SupabaseJs, "process.env.ATHENA_KEY"),
        (Language::Rust, "std::env::var(\"ATHENA_KEY\")?"),
    ] {
        let text = said(&page(""), language);
        assert_eq!(text.matches(variable).count(), 1, "{text}");
    }
}

/// What a shell makes of one word in quotes.
fn unshell(word: &str) -> String {
    let inside = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')).unwrap();
    let parts: Vec<_> = inside.split(r"'\''").collect();
    assert!(parts.iter().all(|part| !part.contains('\'')), "{word}");
    parts.join("'")
}

/// What JavaScript makes of a literal.
fn unliteral(literal: &str) -> String {
    let inside = literal.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).unwrap();
    let (mut out, mut chars) = (String::new(), inside.chars());
    while let Some(c) = chars.next() {
        assert!(c != '\'' && !c.is_control() && c != '\u{2028}' && c != '\u{2029}', "{literal}");
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next().unwrap() {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let digits: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
            }
            other => other,
        });
    }
    out
}

proptest! {
    #[test]
    fn any_text_comes_back_out_of_its_quotes(text in any::<String>()) {
        prop_assert_eq!(unshell(&quote::shell(&text)), text.as_str());
        prop_assert_eq!(unliteral(&quote::javascript(&text)), text.as_str());
        let address = quote::address(&text);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~,()*:%".contains(c);
        prop_assert!(address.chars().all(is_plain), "{address}");
    }

    /// Nothing of a value ends the line's own quotes, so a shell never sees it.
    #[test]
    fn a_line_for_curl_has_only_its_own_quotes(value in any::<String>(), op in 0..4_usize) {
        let ops = [FilterOp::Eq, FilterOp::Neq, FilterOp::Contains, FilterOp::In];
        let values = vec![value.clone(), value];
        let mut query = ListQuery { page: 1, page_size: 10, ..ListQuery::default() };
        let values = if ops[op] == FilterOp::In { values } else { values[..1].to_vec() };
        query.filters = vec![crate::console::FilterTerm { column: "note".into(), op: ops[op], values }];
        query.sort = vec![SortTerm { column: "number".into(), descending: true }];
        let line = said(&of_query(resource(), query), Language::Curl);
        prop_assert_eq!(line.matches('\'').count(), 6, "{}", line);
        prop_assert_eq!(line.lines().count(), 4);
        prop_assert_eq!(line.matches('$').count(), 1);
    }
}

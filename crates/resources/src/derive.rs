//! What a table says about its own page when nobody has configured it.

use crate::{
    facts::{ColumnFacts, Filled, ForeignFacts, TableFacts},
    words,
};
use api_types::console::{ColumnSpec, DataType, FieldType, Section};

/// Columns in a list before anybody chooses.
const MOST_VISIBLE: usize = 9;
/// Text columns the search box looks through.
const MOST_SEARCHED: usize = 4;
/// Names that tell one row from another, best first.
const LABELS: [&str; 12] = [
    "name",
    "full_name",
    "display_name",
    "title",
    "label",
    "subject",
    "email",
    "username",
    "slug",
    "number",
    "code",
    "reference",
];
const LONG_TEXT: [&str; 12] = [
    "note",
    "notes",
    "description",
    "body",
    "content",
    "comment",
    "comments",
    "message",
    "text",
    "bio",
    "summary",
    "remarks",
];
const STATUS: [&str; 3] = ["status", "state", "stage"];

/// The columns that name one row: the primary key, else a unique key without nulls.
pub(crate) fn id_columns(table: &TableFacts) -> Vec<String> {
    if table.is_view || !table.key.is_empty() {
        return table.key.clone();
    }
    let is_sure = |columns: &&Vec<String>| {
        let not_null = |name: &String| table.column(name).is_some_and(|column| column.not_null);
        !columns.is_empty() && columns.iter().all(not_null)
    };
    let shortest = table.uniques.iter().filter(is_sure).min_by_key(|columns| columns.len());
    shortest.cloned().unwrap_or_default()
}

/// The column whose value stands for a row in chips and titles.
pub(crate) fn label_column(table: &TableFacts, id: &[String]) -> Option<String> {
    let texts: Vec<&ColumnFacts> = table.columns.iter().filter(|column| is_text(column)).collect();
    let named = LABELS.iter().find_map(|label| {
        texts
            .iter()
            .find(|column| column.name == *label)
            .or_else(|| texts.iter().find(|column| column.name.ends_with(&format!("_{label}"))))
    });
    let numbered =
        || table.columns.iter().find(|column| column.name == "number" && column.options.is_empty());
    let plain = || {
        texts.iter().find(|column| {
            column.options.is_empty() && !is_long(column) && !is_reference(table, &column.name)
        })
    };
    named
        .map(|column| column.name.clone())
        .or_else(|| numbered().map(|column| column.name.clone()))
        .or_else(|| plain().map(|column| column.name.clone()))
        .or_else(|| id.first().cloned())
        .or_else(|| table.columns.first().map(|column| column.name.clone()))
}

/// What the search box looks through: the label and other short texts people know rows by.
pub(crate) fn search_by(table: &TableFacts, label: Option<&str>) -> Vec<String> {
    let is_known = |column: &&ColumnFacts| {
        let words = words::words(&column.name);
        let last = words.last().map(String::as_str).unwrap_or_default();
        LABELS.contains(&last) || matches!(last, "sku" | "phone" | "company" | "city")
    };
    let texts = || table.columns.iter().filter(|c| is_text(c) && c.options.is_empty());
    let first = texts().filter(|column| Some(column.name.as_str()) == label);
    let rest = texts().filter(is_known).filter(|column| Some(column.name.as_str()) != label);
    let mut found: Vec<String> =
        first.chain(rest).take(MOST_SEARCHED).map(|column| column.name.clone()).collect();
    if found.is_empty() {
        found.extend(texts().next().map(|column| column.name.clone()));
    }
    found
}

/// The columns a list starts with: key, label, status, references, money and dates before others.
pub(crate) fn visible(table: &TableFacts, id: &[String], label: Option<&str>) -> Vec<String> {
    let rank = |column: &ColumnFacts| {
        let (data, _) = fields(column);
        let name = column.name.as_str();
        if id.iter().any(|key| key == name) || Some(name) == label {
            0
        } else if is_status(column) {
            1
        } else if is_reference(table, name) {
            2
        } else if column.parsed.digits().is_some_and(|digits| digits > 0) {
            3
        } else if matches!(data, DataType::Date | DataType::Timestamp) {
            4
        } else {
            5
        }
    };
    let is_short = |column: &&ColumnFacts| {
        let (data, _) = fields(column);
        !matches!(data, DataType::Json | DataType::Other) && !is_long(column)
    };
    let mut ranked: Vec<_> = table.columns.iter().filter(is_short).collect();
    ranked.sort_by_key(|column| rank(column));
    let chosen: Vec<&str> =
        ranked.into_iter().take(MOST_VISIBLE).map(|column| column.name.as_str()).collect();
    let in_order = table.columns.iter().filter(|column| chosen.contains(&column.name.as_str()));
    let names: Vec<String> = in_order.map(|column| column.name.clone()).collect();
    if !names.is_empty() {
        return names;
    }
    table.columns.iter().take(MOST_VISIBLE).map(|column| column.name.clone()).collect()
}

/// One column as the console sees it; references and configuration come later.
pub(crate) fn column(facts: &ColumnFacts, table: &TableFacts, id: &[String]) -> ColumnSpec {
    let is_key = id.contains(&facts.name);
    let (data_type, field_type) = fields(facts);
    ColumnSpec {
        name: facts.name.clone(),
        label: words::label(&facts.name),
        data_type,
        field_type,
        sql_type: facts.sql_type.clone(),
        nullable: !facts.not_null && !is_key,
        is_key,
        required: !table.is_view
            && (facts.not_null || is_key)
            && facts.default.is_none()
            && facts.filled == Filled::People,
        read_only: why_read_only(facts, is_key, field_type),
        default: facts.default.clone(),
        options: facts.options.clone(),
        reference: None,
        help: facts.comment.clone(),
        scale: facts.parsed.digits(),
        visible: false,
        is_status: is_status(facts),
    }
}

fn fields(facts: &ColumnFacts) -> (DataType, FieldType) {
    let is_array = facts.parsed.dimensions > 0;
    match facts.parsed.fields() {
        _ if !facts.options.is_empty() && !is_array => (DataType::String, FieldType::Select),
        // An enum's array is a list of words, whatever its name looks like.
        _ if !facts.options.is_empty() && facts.parsed.dimensions == 1 => {
            (DataType::Json, FieldType::List)
        }
        (DataType::String, FieldType::Text) if is_long(facts) => {
            (DataType::String, FieldType::Textarea)
        }
        fields => fields,
    }
}

fn why_read_only(facts: &ColumnFacts, is_key: bool, field: FieldType) -> Option<String> {
    let reason = match facts.filled {
        Filled::Expression => "The database computes it.",
        Filled::IdentityAlways => "The database numbers it.",
        Filled::Identity | Filled::Sequence if is_key => "The database numbers it.",
        Filled::People if is_key && facts.default.as_deref().is_some_and(is_expression) => {
            "The database makes it."
        }
        _ if field == FieldType::ReadOnly && facts.parsed.base == "bytea" => {
            "Binary data cannot be edited here."
        }
        _ if field == FieldType::ReadOnly => "This type cannot be edited here.",
        _ => return None,
    };
    Some(reason.to_owned())
}

/// A call such as `gen_random_uuid()`, not a literal.
fn is_expression(default: &str) -> bool {
    !default.starts_with('\'') && default.ends_with(')')
}

/// The record's page in parts: what it is, when, and the long things.
pub(crate) fn sections(columns: &[ColumnSpec]) -> Vec<Section> {
    let part_of = |column: &ColumnSpec| match (column.data_type, column.field_type) {
        (DataType::Date | DataType::Timestamp, _) => "Dates",
        (DataType::Json, FieldType::Json) | (DataType::Other, _) => "Data",
        (_, FieldType::Textarea) => "Details",
        _ => "General",
    };
    let part = |title: &'static str| {
        let columns = columns.iter().filter(|column| part_of(column) == title);
        Section {
            title: title.to_owned(),
            columns: columns.map(|column| column.name.clone()).collect(),
        }
    };
    let parts = ["General", "Dates", "Details", "Data"].map(part);
    parts.into_iter().filter(|section| !section.columns.is_empty()).collect()
}

/// At most five facts for the top of a record's page.
pub(crate) fn summary(columns: &[ColumnSpec], label: Option<&str>) -> Vec<String> {
    let rank = |column: &&ColumnSpec| {
        if column.is_status {
            0
        } else if column.scale.is_some_and(|digits| digits > 0) {
            1
        } else if column.reference.is_some() {
            2
        } else if matches!(column.data_type, DataType::Date | DataType::Timestamp) {
            3
        } else {
            4
        }
    };
    let is_fact = |column: &&ColumnSpec| {
        column.visible && !column.is_key && Some(column.name.as_str()) != label
    };
    let mut facts: Vec<_> = columns.iter().filter(is_fact).collect();
    facts.sort_by_key(rank);
    facts.into_iter().take(5).map(|column| column.name.clone()).collect()
}

/// The single-column foreign key of a column, if it has one.
pub(crate) fn foreign_key<'a>(table: &'a TableFacts, column: &str) -> Option<&'a ForeignFacts> {
    table.foreign_keys.iter().find(|key| {
        matches!(key.columns.as_slice(), [only] if only == column) && key.target_columns.len() == 1
    })
}

fn is_reference(table: &TableFacts, column: &str) -> bool {
    foreign_key(table, column).is_some()
}

fn is_text(column: &ColumnFacts) -> bool {
    let (data, field) = column.parsed.fields();
    data == DataType::String && field == FieldType::Text
}

fn is_long(column: &ColumnFacts) -> bool {
    let words = words::words(&column.name);
    is_text(column)
        && column.parsed.precision.is_none_or(|length| length > 500)
        && words.last().is_some_and(|word| LONG_TEXT.contains(&word.as_str()))
}

fn is_status(column: &ColumnFacts) -> bool {
    let words = words::words(&column.name);
    let (data, _) = fields(column);
    let is_word = !column.options.is_empty() || data == DataType::String;
    is_word
        && column.parsed.dimensions == 0
        && words.last().is_some_and(|word| STATUS.contains(&word.as_str()))
}

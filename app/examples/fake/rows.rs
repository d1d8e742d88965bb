//! What the made-up tables answer: pages of rows, single records, refused values.

use super::data::Table;
use api_types::{
    Problem, RecordKey,
    console::{
        Cell, ColumnSpec, DataType, FieldValue, FilterOp, FilterTerm, ListPage, ListQuery,
        RecordPage, ResourceSpec, Row, RowCount, Section,
    },
};

/// What a foreign key's value reads as.
pub type Label<'a> = &'a dyn Fn(&ColumnSpec, &str) -> Option<String>;

pub fn cell(column: &ColumnSpec, value: Option<&str>, label: Label<'_>) -> Cell {
    Cell {
        value: value.map(str::to_owned),
        label: value.and_then(|value| label(column, value)),
        cut_from: None,
    }
}

pub fn find(table: &Table, key: &RecordKey) -> Result<usize, Problem> {
    let id = key.parts().first().cloned();
    table.rows.iter().position(|row| row[0] == id).ok_or_else(|| {
        let message = format!("There is no {} “{key}”.", table.spec.singular.to_lowercase());
        Problem::new(404, "unknown_record", message).with_trace("0b7d93ac")
    })
}

/// What the database would say to a value.
pub fn checked(column: &ColumnSpec, value: FieldValue) -> Result<Option<String>, String> {
    let text = match value {
        FieldValue::Default if column.default.is_some() => Some("draft".to_owned()),
        FieldValue::Default | FieldValue::Null => None,
        FieldValue::Text(text) => Some(text),
    };
    match text {
        None if !column.nullable => Err(format!("{} needs a value.", column.label)),
        Some(text) if text.is_empty() && column.required => {
            Err(format!("{} needs a value.", column.label))
        }
        Some(text) if column.data_type == DataType::Number && text.parse::<f64>().is_err() => {
            Err(format!("“{text}” is not a number."))
        }
        text => Ok(text),
    }
}

pub fn page(table: &Table, query: ListQuery, label: Label<'_>) -> ListPage {
    let spec = &table.spec;
    let at = |name: &str| spec.columns.iter().position(|column| column.name == name);
    let columns: Vec<String> = if query.columns.is_empty() {
        spec.columns
            .iter()
            .filter(|column| column.visible)
            .map(|column| column.name.clone())
            .collect()
    } else {
        query.columns.clone()
    };
    let fits = |row: &&Vec<Option<String>>| {
        let by_terms = query
            .filters
            .iter()
            .all(|term| at(&term.column).is_some_and(|at| holds(term, row[at].as_deref())));
        let wanted = query.search.clone().unwrap_or_default().to_lowercase();
        let in_text = |name: &String| {
            at(name)
                .and_then(|at| row[at].clone())
                .is_some_and(|text| text.to_lowercase().contains(&wanted))
        };
        by_terms && (wanted.is_empty() || spec.search_by.iter().any(in_text))
    };
    let mut rows: Vec<_> = table.rows.iter().filter(fits).collect();
    for term in query.sort.iter().rev() {
        let Some(at) = at(&term.column) else { continue };
        let number = |row: &Vec<Option<String>>| {
            row[at].as_deref().and_then(|text| text.parse::<f64>().ok())
        };
        rows.sort_by(|a, b| {
            let order = match (number(a), number(b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                _ => a[at].cmp(&b[at]),
            };
            if term.descending { order.reverse() } else { order }
        });
    }
    let total = rows.len();
    let size = query.page_size as usize;
    let first = (query.page as usize - 1) * size;
    let has_key = !spec.id_columns.is_empty();
    let shown = rows.into_iter().skip(first).take(size).map(|row| Row {
        key: has_key.then(|| RecordKey::new(vec![row[0].clone().unwrap_or_default()])),
        cells: columns
            .iter()
            .filter_map(|name| at(name))
            .map(|at| cell(&spec.columns[at], row[at].as_deref(), label))
            .collect(),
    });
    ListPage {
        resource: spec.clone(),
        rows: shown.collect(),
        columns,
        count: RowCount::Exact { rows: total as u64, took_ms: 0.8 },
        has_next: first + size < total,
        query,
        took_ms: 1.4,
        trace_id: "7f3ca91e".to_owned(),
    }
}

fn holds(term: &FilterTerm, value: Option<&str>) -> bool {
    let wanted = term.values.first().map_or("", String::as_str);
    let both = |a: &str, b: &str| a.parse::<f64>().ok().zip(b.parse::<f64>().ok());
    let order = |value: &str| match both(value, wanted) {
        Some((a, b)) => a.total_cmp(&b),
        None => value.cmp(wanted),
    };
    let text = value.unwrap_or_default().to_lowercase();
    match (term.op, value) {
        (FilterOp::IsNull, value) => value.is_none(),
        (FilterOp::IsNotNull, value) => value.is_some(),
        (FilterOp::Neq | FilterOp::NotIn, None) => true,
        (_, None) => false,
        (FilterOp::Eq, Some(value)) => value == wanted,
        (FilterOp::Neq, Some(value)) => value != wanted,
        (FilterOp::Gt, Some(value)) => order(value).is_gt(),
        (FilterOp::Gte, Some(value)) => order(value).is_ge(),
        (FilterOp::Lt, Some(value)) => order(value).is_lt(),
        (FilterOp::Lte, Some(value)) => order(value).is_le(),
        (FilterOp::In, Some(value)) => term.values.iter().any(|wanted| wanted == value),
        (FilterOp::NotIn, Some(value)) => term.values.iter().all(|wanted| wanted != value),
        (FilterOp::Contains, Some(_)) => text.contains(&wanted.to_lowercase()),
        (FilterOp::NotContains, Some(_)) => !text.contains(&wanted.to_lowercase()),
        (FilterOp::StartsWith, Some(_)) => text.starts_with(&wanted.to_lowercase()),
        (FilterOp::EndsWith, Some(_)) => text.ends_with(&wanted.to_lowercase()),
    }
}

pub fn record(
    spec: &ResourceSpec,
    key: &RecordKey,
    row: &[Option<String>],
    label: Label<'_>,
) -> RecordPage {
    let cells = spec.columns.iter().zip(row);
    let named = |fits: &dyn Fn(&ColumnSpec) -> bool| {
        spec.columns
            .iter()
            .filter(|column| fits(column))
            .map(|column| column.name.clone())
            .collect::<Vec<_>>()
    };
    let is_late = |column: &ColumnSpec| {
        matches!(column.data_type, DataType::Date | DataType::Timestamp | DataType::Json)
    };
    RecordPage {
        resource: spec.clone(),
        key: key.clone(),
        title: row[1].clone().unwrap_or_default(),
        subtitle: Some(format!("{} {key}", spec.singular)),
        cells: cells.map(|(column, value)| cell(column, value.as_deref(), label)).collect(),
        summary: named(&|column| {
            column.is_status || column.scale.is_some() || column.data_type == DataType::Date
        }),
        sections: vec![
            Section { title: "General".to_owned(), columns: named(&|column| !is_late(column)) },
            Section { title: "Dates and details".to_owned(), columns: named(&is_late) },
        ],
        related: Vec::new(),
        took_ms: 1.1,
        trace_id: "c41077de".to_owned(),
    }
}

//! Made-up tables of an invoicing company, the same on every run.

use api_types::{
    ClientName,
    console::{ColumnSpec, DataType, FieldType, ReferenceSpec, ResourceKind, ResourceSpec},
};

pub struct Table {
    pub spec: ResourceSpec,
    pub rows: Vec<Vec<Option<String>>>,
}

pub fn client() -> ClientName {
    ClientName::parse("demo").unwrap_or_else(|_| unreachable!("demo is a client name"))
}

pub fn tables() -> Vec<Table> {
    vec![invoices(), customers(), payments(), salaries(), totals()]
}

/// A table that this person has no right to read.
pub const WITHHELD: &str = "salaries";

fn column(name: &str, label: &str, data_type: DataType, field_type: FieldType) -> ColumnSpec {
    ColumnSpec {
        name: name.to_owned(),
        label: label.to_owned(),
        data_type,
        field_type,
        sql_type: format!("{data_type:?}").to_lowercase(),
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

fn key(name: &str, label: &str) -> ColumnSpec {
    ColumnSpec {
        is_key: true,
        nullable: false,
        read_only: Some("Identity: the database numbers these rows.".to_owned()),
        ..column(name, label, DataType::Number, FieldType::ReadOnly)
    }
}

fn money(name: &str, label: &str) -> ColumnSpec {
    ColumnSpec {
        scale: Some(2),
        nullable: false,
        required: true,
        sql_type: "numeric(12,2)".to_owned(),
        ..column(name, label, DataType::Number, FieldType::Number)
    }
}

fn text(name: &str, label: &str) -> ColumnSpec {
    column(name, label, DataType::String, FieldType::Text)
}

fn reference(name: &str, label: &str, resource: &str, label_column: &str) -> ColumnSpec {
    ColumnSpec {
        nullable: false,
        required: true,
        reference: Some(ReferenceSpec {
            resource: Some(resource.to_owned()),
            resource_label: label.to_owned(),
            value_column: name.to_owned(),
            label_column: label_column.to_owned(),
        }),
        ..column(name, label, DataType::Number, FieldType::Number)
    }
}

fn spec(key: &str, label: &str, singular: &str, columns: Vec<ColumnSpec>) -> ResourceSpec {
    ResourceSpec {
        client: client(),
        key: key.to_owned(),
        label: label.to_owned(),
        singular: singular.to_owned(),
        schema: "public".to_owned(),
        table: key.to_owned(),
        category: "Billing".to_owned(),
        icon: None,
        kind: ResourceKind::Table,
        id_columns: columns.iter().filter(|c| c.is_key).map(|c| c.name.clone()).collect(),
        read_only: None,
        can_create: true,
        search_by: columns
            .iter()
            .filter(|c| c.data_type == DataType::String && c.options.is_empty())
            .map(|c| c.name.clone())
            .collect(),
        columns,
    }
}

const STATUSES: [&str; 7] =
    ["open", "paid", "overdue", "draft", "pending", "cancelled", "uncollectable"];
const NAMES: [&str; 12] = [
    "Nordlicht Energie",
    "Fjordline Marine",
    "Vega Lumière",
    "Mistral Robotics",
    "Brightwater Foods",
    "Lagoon Ceramics",
    "Petrichor Labs",
    "Kallisto Shipping",
    "Corvid Analytics",
    "Ostrava Metalworks",
    "Tessellate Studio",
    "Juniper Rail",
];

fn invoices() -> Table {
    let status = ColumnSpec {
        options: STATUSES.map(str::to_owned).to_vec(),
        is_status: true,
        nullable: false,
        default: Some("'draft'".to_owned()),
        sql_type: "invoice_status".to_owned(),
        ..column("status", "Status", DataType::String, FieldType::Select)
    };
    let note = ColumnSpec {
        help: Some("Printed on the first page.".to_owned()),
        ..column("note", "Note", DataType::String, FieldType::Textarea)
    };
    let hidden = |column| ColumnSpec { visible: false, ..column };
    let columns = vec![
        key("invoice_id", "Invoice id"),
        ColumnSpec { nullable: false, required: true, ..text("number", "Number") },
        status,
        reference("customer_id", "Customer", "customers", "name"),
        column("due_date", "Due", DataType::Date, FieldType::Date),
        money("amount", "Amount"),
        text("po_ref", "PO ref"),
        column("disputed", "Disputed", DataType::Boolean, FieldType::Boolean),
        note,
        hidden(column("details", "Details", DataType::Json, FieldType::Json)),
        hidden(ColumnSpec {
            default: Some("now()".to_owned()),
            ..column("created_at", "Created", DataType::Timestamp, FieldType::DateTime)
        }),
    ];
    let rows = (0..240_usize).map(|at| {
        let some = |text: String| Some(text);
        vec![
            some((at + 1).to_string()),
            some(format!("INV-2026-{:05}", 5112 - at)),
            some(STATUSES[at * 5 % 7].to_owned()),
            some((at * 7 % NAMES.len() + 1).to_string()),
            some(format!("2026-{:02}-{:02}", 12 - at / 28 % 12, 28 - at % 28)),
            some(format!("{}.{:02}", at * 7919 % 48_000, at * 37 % 100)),
            (at % 3 != 0).then(|| format!("PO-{at:04}")),
            (at % 4 != 0).then(|| (at % 5 == 0).to_string()),
            match at % 4 {
                0 => None,
                1 => some(String::new()),
                _ => some(format!("Net 30, split over {} deliveries", at % 5 + 1)),
            },
            some(format!("{{\"lines\":{},\"tags\":[\"a\",\"b\"]}}", at % 9)),
            some(format!("2026-11-{:02}T10:{:02}:00+00:00", at % 28 + 1, at % 60)),
        ]
    });
    Table { spec: spec("invoices", "Invoices", "Invoice", columns), rows: rows.collect() }
}

fn customers() -> Table {
    let columns = vec![
        key("customer_id", "Customer id"),
        ColumnSpec { nullable: false, required: true, ..text("name", "Name") },
        text("email", "Email"),
        text("region", "Region"),
    ];
    let rows = NAMES.iter().enumerate().map(|(at, name)| {
        let first = name.split(' ').next().unwrap_or_default().to_lowercase();
        vec![
            Some((at + 1).to_string()),
            Some((*name).to_owned()),
            Some(format!("ap@{first}.example")),
            (at % 3 != 0).then(|| "EU".to_owned()),
        ]
    });
    Table { spec: spec("customers", "Customers", "Customer", columns), rows: rows.collect() }
}

fn payments() -> Table {
    let columns = vec![
        key("payment_id", "Payment id"),
        reference("invoice_id", "Invoice", "invoices", "number"),
        money("amount", "Amount"),
        column("paid_at", "Paid at", DataType::Timestamp, FieldType::DateTime),
    ];
    let rows = (0..60_usize).map(|at| {
        vec![
            Some((at + 1).to_string()),
            Some((at % 40 + 1).to_string()),
            Some(format!("{}.00", at * 331 % 9000)),
            Some(format!("2026-11-{:02}T08:30:00+00:00", at % 28 + 1)),
        ]
    });
    Table { spec: spec("payments", "Payments", "Payment", columns), rows: rows.collect() }
}

fn salaries() -> Table {
    let columns = vec![
        key("salary_id", "Salary id"),
        text("person", "Person"),
        money("gross_pay", "Gross pay"),
    ];
    let row = ["1", "Wilhelmina Quill", "98123.00"].map(|text| Some(text.to_owned()));
    Table { spec: spec(WITHHELD, "Salaries", "Salary", columns), rows: vec![row.to_vec()] }
}

fn totals() -> Table {
    let columns =
        vec![text("region", "Region"), ColumnSpec { required: false, ..money("total", "Total") }];
    let rows = ["EU", "US", "APAC"].iter().enumerate();
    let rows = rows.map(|(at, region)| {
        vec![Some((*region).to_owned()), Some(format!("{}.50", (at + 1) * 412_081))]
    });
    let spec = ResourceSpec {
        kind: ResourceKind::View,
        category: "Views".to_owned(),
        read_only: Some("A view cannot be changed.".to_owned()),
        can_create: false,
        ..spec("totals_by_region", "Totals by region", "Total", columns)
    };
    Table { spec, rows: rows.collect() }
}

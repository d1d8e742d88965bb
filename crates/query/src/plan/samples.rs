//! A schema for tests: one table with a column of every kind, and some odd ones.

use catalog::{
    Argument, ArgumentMode, Column, DataType, EnumType, ForeignKey, Generated, Ident,
    QualifiedName, ReturnShape, Returns, Routine, RoutineKind, SchemaCache, Table, TableKind,
    TypeKind, Volatility,
};

pub(crate) fn ident(name: &str) -> Ident {
    Ident::parse(name).unwrap()
}

pub(crate) fn base(name: &str, sql: &str) -> DataType {
    DataType { oid: 1, sql: sql.to_owned(), kind: TypeKind::Base(name.to_owned()) }
}

fn of_kind(sql: &str, kind: TypeKind) -> DataType {
    DataType { oid: 2, sql: sql.to_owned(), kind }
}

fn column(name: &str, data_type: DataType) -> Column {
    let (name, generated) = (ident(name), Generated::Never);
    Column { name, data_type, nullable: true, default: None, generated, comment: None }
}

fn table(name: &str, columns: Vec<Column>, key: &[&str]) -> Table {
    Table {
        name: QualifiedName::new(ident("public"), ident(name)),
        kind: TableKind::Table,
        columns,
        primary_key: key.iter().map(|name| ident(name)).collect(),
        unique_keys: Vec::new(),
        foreign_keys: Vec::new(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    }
}

/// A table with a key on its first column.
pub(crate) fn table_of<const N: usize>(name: &str, columns: [(&str, DataType); N]) -> Table {
    let key = columns.first().map(|(name, _)| *name);
    let key: Vec<&str> = key.into_iter().collect();
    let columns = columns.map(|(name, data_type)| column(name, data_type)).to_vec();
    table(name, columns, &key)
}

fn pointing(mut table: Table, keys: &[(&str, &str, &str)]) -> Table {
    table.foreign_keys = keys
        .iter()
        .map(|(constraint, name, target)| ForeignKey {
            name: ident(constraint),
            columns: vec![ident(name)],
            target: QualifiedName::new(ident("public"), ident(target)),
            target_columns: vec![ident("id")],
        })
        .collect();
    table
}

/// `users` (with a `boss_id` among them), `orders` (bought and sold by them), `notes` (one for each
/// order), `products`, and `order_products` between the two.
pub(crate) fn shop() -> SchemaCache {
    let int = || base("int4", "integer");
    let text = || base("text", "text");
    let users = table_of("users", [("id", int()), ("boss_id", int()), ("full_name", text())]);
    let orders = table_of(
        "orders",
        [("id", int()), ("buyer_id", int()), ("seller_id", int()), ("status", text())],
    );
    let notes = table_of("notes", [("order_id", int()), ("note_text", text())]);
    let products = table_of("products", [("id", int()), ("title", text())]);
    let mut between = table_of("order_products", [("order_id", int()), ("product_id", int())]);
    between.primary_key = vec![ident("order_id"), ident("product_id")];
    let tables = vec![
        pointing(users, &[("users_boss_fkey", "boss_id", "users")]),
        pointing(
            orders,
            &[
                ("orders_buyer_fkey", "buyer_id", "users"),
                ("orders_seller_fkey", "seller_id", "users"),
            ],
        ),
        pointing(notes, &[("notes_order_fkey", "order_id", "orders")]),
        products,
        pointing(
            between,
            &[
                ("op_order_fkey", "order_id", "orders"),
                ("op_product_fkey", "product_id", "products"),
            ],
        ),
    ];
    SchemaCache::new("PostgreSQL 15".to_owned(), vec!["public".to_owned()], tables, Vec::new())
}

/// `things` (every kind of column), `pairs` (a key of two), `keyless`.
pub(crate) fn cache() -> SchemaCache {
    let mood = QualifiedName::new(ident("public"), ident("mood"));
    let array = |element: DataType| {
        let sql = format!("{}[]", element.sql);
        of_kind(&sql, TypeKind::Array(Box::new(element)))
    };
    let mut total = column("total", base("int4", "integer"));
    total.generated = Generated::Stored;
    let columns = vec![
        column("id", base("int8", "bigint")),
        column("small", base("int2", "smallint")),
        column("n", base("int4", "integer")),
        column("ratio", base("float8", "double precision")),
        column("price", base("numeric", "numeric(12,2)")),
        column("ok", base("bool", "boolean")),
        column("token", base("uuid", "uuid")),
        column("name", base("text", "text")),
        column("code", base("varchar", "character varying(3)")),
        column("day", base("date", "date")),
        column("at", base("timestamptz", "timestamp(3) with time zone")),
        column("doc", base("jsonb", "jsonb")),
        column("raw", base("json", "json")),
        column("mood", of_kind("mood", TypeKind::Enum(mood.clone()))),
        column("tags", array(base("text", "text"))),
        column("prices", array(base("numeric", "numeric(12,2)"))),
        column("span", of_kind("int4range", TypeKind::Range)),
        column(
            "email",
            of_kind("email", TypeKind::Domain(Box::new(base("varchar", "character varying(9)")))),
        ),
        total,
        column("a \"b\" 名前", base("text", "text")),
    ];
    let pair = vec![column("a", base("int4", "integer")), column("b", base("int4", "integer"))];
    let keyless = vec![column("a", base("int4", "integer"))];
    SchemaCache::new(
        "PostgreSQL 15".to_owned(),
        vec!["public".to_owned()],
        vec![
            table("things", columns, &["id"]),
            table("pairs", pair, &["a", "b"]),
            table("keyless", keyless, &[]),
        ],
        vec![EnumType { name: mood, values: vec!["happy".into(), "sad".into()] }],
    )
}

fn argument(name: &str, data_type: DataType, mode: ArgumentMode) -> Argument {
    Argument { name: Some(ident(name)), data_type, mode, has_default: false }
}

fn function(name: &str, arguments: Vec<Argument>, shape: ReturnShape) -> Routine {
    Routine {
        name: QualifiedName::new(ident("public"), ident(name)),
        kind: RoutineKind::Function,
        arguments,
        returns: Returns { shape, is_set: false },
        volatility: Volatility::Volatile,
        comment: None,
    }
}

/// `add` (a value), `score` (rows, variadic, stable), `pay` (a procedure), `pick` (three of them),
/// `anything` (undeclared columns).
pub(crate) fn routines() -> SchemaCache {
    use ArgumentMode::{In, Out, Variadic};
    let int = || base("int4", "integer");
    let input = |name: &str, data_type| argument(name, data_type, In);
    let value = || ReturnShape::Scalar(int());
    let texts = of_kind("text[]", TypeKind::Array(Box::new(base("text", "text"))));
    let score = Routine {
        volatility: Volatility::Stable,
        returns: Returns {
            shape: ReturnShape::Row(vec![column("k", base("text", "text")), column("n", int())]),
            is_set: true,
        },
        ..function(
            "score",
            vec![input("top", int()), argument("seed", texts, Variadic)],
            ReturnShape::Nothing,
        )
    };
    let left = argument("left \"over\"", int(), Out);
    let pay = Routine {
        kind: RoutineKind::Procedure,
        ..function(
            "pay",
            vec![input("id", base("int8", "bigint")), left],
            ReturnShape::Row(vec![column("left \"over\"", int())]),
        )
    };
    let optional = Argument { has_default: true, ..input("c", int()) };
    let pick = vec![input("a", int()), input("b", int()), optional];
    SchemaCache::default().with_routines(vec![
        function("add", vec![input("a", int()), input("b", int())], value()),
        score,
        pay,
        function("pick", vec![input("a", int())], value()),
        function("pick", vec![input("a", base("text", "text"))], value()),
        function("pick", pick, value()),
        function("anything", Vec::new(), ReturnShape::Record),
    ])
}

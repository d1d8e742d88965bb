//! The schema that everything is planned against: a column of every kind, relations, routines.

use catalog::{
    Argument, ArgumentMode, Column, DataType, EnumType, ForeignKey, Generated, Ident,
    QualifiedName, ReturnShape, Returns, Routine, RoutineKind, SchemaCache, Table, TableKind,
    TypeKind, Volatility,
};
use std::sync::LazyLock;

pub static SCHEMA: LazyLock<SchemaCache> = LazyLock::new(|| {
    let mood = EnumType { name: named("mood"), values: vec!["happy".into(), "sad".into()] };
    let path = vec!["public".to_owned()];
    SchemaCache::new("PostgreSQL 15".to_owned(), path, tables(), vec![mood])
        .with_routines(routines())
});

fn ident(name: &str) -> Ident {
    Ident::parse(name).expect("names here fit")
}

fn named(name: &str) -> QualifiedName {
    QualifiedName::new(ident("public"), ident(name))
}

fn base(name: &str) -> DataType {
    DataType { oid: 1, sql: name.to_owned(), kind: TypeKind::Base(name.to_owned()) }
}

fn kind(sql: &str, kind: TypeKind) -> DataType {
    DataType { oid: 2, sql: sql.to_owned(), kind }
}

fn array(element: &str) -> DataType {
    kind(&format!("{element}[]"), TypeKind::Array(Box::new(base(element))))
}

fn column(name: &str, data_type: DataType) -> Column {
    let (name, generated) = (ident(name), Generated::Never);
    Column { name, data_type, nullable: true, default: None, generated, comment: None }
}

fn table(name: &str, columns: Vec<Column>, keys: &[(&str, &str, &str)]) -> Table {
    let key = |(constraint, column, target): &(&str, &str, &str)| ForeignKey {
        name: ident(constraint),
        columns: vec![ident(column)],
        target: named(target),
        target_columns: vec![ident("id")],
    };
    Table {
        name: named(name),
        kind: TableKind::Table,
        primary_key: columns.first().map(|column| column.name.clone()).into_iter().collect(),
        columns,
        unique_keys: Vec::new(),
        foreign_keys: keys.iter().map(key).collect(),
        estimated_rows: None,
        comment: None,
        row_security: false,
    }
}

fn tables() -> Vec<Table> {
    let plain = |columns: &[(&str, &str)]| {
        columns.iter().map(|(name, kind)| column(name, base(kind))).collect::<Vec<_>>()
    };
    let mut between = table(
        "order_products",
        plain(&[("order_id", "int4"), ("product_id", "int4")]),
        &[("op_order_fkey", "order_id", "orders"), ("op_product_fkey", "product_id", "products")],
    );
    between.primary_key = vec![ident("order_id"), ident("product_id")];
    let orders = [
        ("id", "int4"),
        ("buyer_id", "int4"),
        ("seller_id", "int4"),
        ("status", "text"),
        ("at", "timestamptz"),
        ("total", "numeric"),
    ];
    let sold =
        [("orders_buyer_fkey", "buyer_id", "users"), ("orders_seller_fkey", "seller_id", "users")];
    vec![
        table("things", things(), &[]),
        table(
            "users",
            plain(&[("id", "int4"), ("boss_id", "int4"), ("full_name", "text")]),
            &[("users_boss_fkey", "boss_id", "users")],
        ),
        table("orders", plain(&orders), &sold),
        table("products", plain(&[("id", "int4"), ("title", "text")]), &[]),
        between,
    ]
}

fn things() -> Vec<Column> {
    let mut total = column("total", base("int4"));
    total.generated = Generated::Stored;
    let mut made = column("made", base("timestamptz"));
    made.default = Some("CURRENT_TIMESTAMP".to_owned());
    let plain = [
        "int8 id",
        "int2 small",
        "int4 n",
        "float8 ratio",
        "numeric price",
        "bool ok",
        "uuid token",
        "text name",
        "varchar code",
        "date day",
        "time clock",
        "timestamp local",
        "timestamptz at",
        "interval gap",
        "jsonb doc",
        "json raw",
        "bytea blob",
        "any loose",
    ];
    let plain = plain.iter().filter_map(|both| both.split_once(' '));
    let mut columns: Vec<_> = plain.map(|(kind, name)| column(name, base(kind))).collect();
    columns.extend([
        column("mood", kind("mood", TypeKind::Enum(named("mood")))),
        column("tags", array("text")),
        column("prices", array("numeric")),
        column("span", kind("int4range", TypeKind::Range)),
        column("email", kind("email", TypeKind::Domain(Box::new(base("varchar"))))),
        column("a \"b\" 名前", base("text")),
        total,
        made,
    ]);
    columns
}

fn routines() -> Vec<Routine> {
    use ArgumentMode::{In, InOut, Out, Variadic};
    let int = || base("int4");
    let add = function(
        "add",
        vec![argument("a", int(), In), argument("b", int(), In)],
        ReturnShape::Scalar(int()),
    );
    let row = vec![column("k", base("text")), column("n", int()), column("doc", base("jsonb"))];
    let score = Routine {
        returns: Returns { shape: ReturnShape::Row(row), is_set: true },
        volatility: Volatility::Stable,
        ..function(
            "score",
            vec![argument("top", int(), In), argument("seed", array("text"), Variadic)],
            ReturnShape::Nothing,
        )
    };
    let pay = Routine {
        kind: RoutineKind::Procedure,
        ..function(
            "pay",
            vec![
                argument("id", base("int8"), In),
                argument("sum", base("numeric"), InOut),
                argument("left \"over\"", int(), Out),
            ],
            ReturnShape::Row(vec![column("sum", base("numeric")), column("left \"over\"", int())]),
        )
    };
    let optional = Argument { has_default: true, ..argument("c", base("json"), In) };
    let pick = |kind: &str| {
        function("pick", vec![argument("a", base(kind), In)], ReturnShape::Scalar(int()))
    };
    let three = function(
        "pick",
        vec![argument("a", int(), In), argument("b", base("text"), In), optional],
        ReturnShape::Scalar(base("text")),
    );
    vec![add, score, pay, pick("int4"), pick("text"), three]
}

fn argument(name: &str, data_type: DataType, mode: ArgumentMode) -> Argument {
    Argument { name: Some(ident(name)), data_type, mode, has_default: false }
}

fn function(name: &str, arguments: Vec<Argument>, shape: ReturnShape) -> Routine {
    Routine {
        name: named(name),
        kind: RoutineKind::Function,
        arguments,
        returns: Returns { shape, is_set: false },
        volatility: Volatility::Volatile,
        comment: None,
    }
}

//! Tables and columns of every snapshot in `drizzle-meta/` as Rust names.

use resources::{
    snapshot::{Column, Snapshot},
    words,
};
use std::{
    collections::HashSet,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    // Beside the package it runs in, not the one it was compiled in: checkouts may share a target folder.
    let root = Path::new("../../drizzle-meta");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut code = String::new();
    for folder in snapshot_folders(root)? {
        println!("cargo::rerun-if-changed={}", folder.display());
        let (snapshot, warnings) = Snapshot::read(&folder)?;
        for warning in warnings {
            println!("cargo::warning={}: {warning}", folder.display());
        }
        let name = folder.parent().and_then(Path::file_name).ok_or("a folder has a name")?;
        let module = snake(&name.to_string_lossy());
        writeln!(code, "/// The tables of `drizzle-meta/{}`.", name.display())?;
        writeln!(code, "pub mod {module} {{")?;
        write_snapshot(&mut code, &snapshot)?;
        writeln!(code, "}}")?;
        // A name that two snapshots share is reached through its snapshot.
        writeln!(code, "#[allow(ambiguous_glob_reexports)]\npub use {module}::*;")?;
    }
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(PathBuf::from(out).join("tables.rs"), code)?;
    Ok(())
}

/// `drizzle-meta/*/meta`, in order of name. Without the folder there are no tables.
fn snapshot_folders(root: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    if !root.is_dir() {
        return Ok(Vec::new());
    }
    let mut folders = Vec::new();
    for entry in fs::read_dir(root)? {
        let meta = entry?.path().join("meta");
        if meta.is_dir() {
            folders.push(meta);
        }
    }
    folders.sort();
    Ok(folders)
}

fn write_snapshot(code: &mut String, snapshot: &Snapshot) -> Result<(), Box<dyn Error>> {
    let mut taken = HashSet::new();
    for table in snapshot.tables.values() {
        let schema = table.schema_name();
        write_table(code, &mut taken, schema, &table.name, table.columns.values())?;
    }
    for view in snapshot.views.values() {
        write_table(code, &mut taken, view.schema_name(), &view.name, view.columns.values())?;
    }
    Ok(())
}

/// A type for the table, and a module of its columns as constants.
fn write_table<'a>(
    code: &mut String,
    taken: &mut HashSet<String>,
    schema: &str,
    name: &str,
    columns: impl Iterator<Item = &'a Column>,
) -> Result<(), Box<dyn Error>> {
    let full = if schema == "public" { name.to_owned() } else { format!("{schema}_{name}") };
    let module = unique(taken, snake(&full));
    let pascal = pascal(&module);
    writeln!(code, "/// `{schema}.{name}`.\npub struct {pascal};")?;
    writeln!(code, "impl resources::route::TableDef for {pascal} {{")?;
    writeln!(code, "    const SCHEMA: &'static str = {schema:?};")?;
    writeln!(code, "    const NAME: &'static str = {name:?};\n}}")?;
    writeln!(code, "/// The columns of `{schema}.{name}`.\npub mod {module} {{")?;
    writeln!(code, "    use resources::route::Column;")?;
    let mut constants = HashSet::new();
    for Column { name, sql_type, .. } in columns {
        let constant = unique(&mut constants, snake(name)).to_uppercase();
        writeln!(code, "    /// `{}`", sql_type.replace('`', "'"))?;
        writeln!(
            code,
            "    pub const {constant}: Column<super::{pascal}> = Column::generated({name:?});"
        )?;
    }
    writeln!(code, "}}")?;
    Ok(())
}

/// Lower-case words joined by `_`, fit for a Rust name: no leading digit, never a keyword.
fn snake(name: &str) -> String {
    let is_fit = |c: char| c.is_ascii_alphanumeric();
    let plain: String = name.chars().map(|c| if is_fit(c) { c } else { '_' }).collect();
    let snake = words::words(&plain).join("_");
    match snake.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{snake}"),
        Some(_) if is_keyword(&snake) => format!("{snake}_"),
        Some(_) => snake,
    }
}

fn pascal(snake: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    let name: String = snake.split('_').map(capital).collect();
    if name == "Self" { "Self_".to_owned() } else { name }
}

/// Two names that differ only in what Rust cannot spell are numbered.
fn unique(taken: &mut HashSet<String>, name: String) -> String {
    let mut candidate = name.clone();
    let mut number = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    candidate
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 51] = [
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum",
        "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move",
        "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
        "type", "unsafe", "use", "where", "while", "abstract", "become", "box", "do", "final",
        "gen", "macro", "override", "priv", "try", "typeof", "unsized", "virtual", "yield",
    ];
    KEYWORDS.contains(&word)
}

//! Finding the current snapshot on disk and reading it, whatever its age.

use super::{Journal, Snapshot, SnapshotError, Warning, keys, upgrade};
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Some 30,000 tables; more is not a schema.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

impl Snapshot {
    /// Read the current snapshot: `path` is a `meta` folder, the folder above it, or one file.
    pub fn read(path: &Path) -> Result<(Self, Vec<Warning>), SnapshotError> {
        let mut warnings = Vec::new();
        let file = if path.is_dir() { newest(path, &mut warnings)? } else { path.to_owned() };
        let text = load(&file)?;
        let (snapshot, mut more) = Self::parse(&text, &file)?;
        warnings.append(&mut more);
        Ok((snapshot, warnings))
    }

    /// Read a snapshot's text; `file` is for error messages only.
    pub fn parse(text: &str, file: &Path) -> Result<(Self, Vec<Warning>), SnapshotError> {
        let path = || file.to_owned();
        let text = text.trim_start_matches('\u{feff}');
        let mut value: Value = serde_json::from_str(text).map_err(|source| {
            let (line, column) = (source.line(), source.column());
            SnapshotError::NotJson { path: path(), line, column, source }
        })?;
        if let Some(found) = other_than_object(&value) {
            return Err(SnapshotError::NotAnObject { path: path(), found });
        }
        let mut warnings = Vec::new();
        modernise(&mut value, &mut warnings, file)?;
        keys::prune(&mut value, &mut warnings);
        if value.get("tables").is_none() {
            return Err(SnapshotError::NoTables { path: path() });
        }
        match Self::deserialize(&value) {
            Ok(snapshot) => Ok((snapshot, warnings)),
            Err(source) => {
                let place = place_of(&value).unwrap_or_else(|| "the snapshot".to_owned());
                Err(SnapshotError::Shape { path: path(), place, source })
            }
        }
    }

    /// As drizzle-kit lays it out: a pulled one in pull's key order, any other in generate's.
    pub fn to_json(&self) -> String {
        let mut value = serde_json::to_value(self).expect("a snapshot has only string keys");
        if self.internal.is_none() {
            keys::order_as_generated(&mut value);
        }
        serde_json::to_string_pretty(&value).expect("a JSON value is always JSON")
    }
}

fn other_than_object(value: &Value) -> Option<&'static str> {
    match value {
        Value::Object(_) => None,
        Value::Array(_) => Some("a list"),
        Value::Null => Some("null"),
        Value::Bool(_) => Some("a boolean"),
        Value::Number(_) => Some("a number"),
        Value::String(_) => Some("a text"),
    }
}

fn modernise(
    value: &mut Value,
    warnings: &mut Vec<Warning>,
    file: &Path,
) -> Result<(), SnapshotError> {
    let text_of = |key: &str| match value.get(key) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let (version, dialect) = (text_of("version"), text_of("dialect"));
    if let Some(found) = dialect.clone()
        && !matches!(found.as_str(), "postgresql" | "postgres" | "pg")
    {
        return Err(SnapshotError::Dialect { path: file.to_owned(), found });
    }
    match version.as_deref() {
        Some("7") => value["version"] = "7".into(),
        Some("6") => upgrade::from_v6(value, warnings, "6"),
        Some("5") => upgrade::from_v5(value, warnings),
        None => upgrade::from_reduced(value, warnings),
        Some(found) => {
            let found = found.chars().take(80).collect();
            return Err(SnapshotError::Version { path: file.to_owned(), found });
        }
    }
    value["dialect"] = "postgresql".into();
    Ok(())
}

/// Which table, column or view does not fit.
fn place_of(value: &Value) -> Option<String> {
    let tables = value.get("tables")?.as_object()?;
    for (name, table) in tables {
        if super::Table::deserialize(table).is_ok() {
            continue;
        }
        let columns = table.get("columns").and_then(Value::as_object);
        let bad =
            columns.into_iter().flatten().find(|(_, c)| super::Column::deserialize(*c).is_err());
        return Some(match bad {
            Some((column, _)) => format!("column {column} of table {name}"),
            None => format!("table {name}"),
        });
    }
    let views = value.get("views")?.as_object()?;
    let bad = views.iter().find(|(_, view)| super::View::deserialize(*view).is_err())?;
    Some(format!("view {}", bad.0))
}

fn load(path: &Path) -> Result<String, SnapshotError> {
    let unreadable = |source| SnapshotError::Unreadable { path: path.to_owned(), source };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_BYTES {
        return Err(SnapshotError::TooLarge { path: path.to_owned(), bytes, limit: MAX_BYTES });
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// The snapshot with the highest file name; lineage and journal are looked over on the way.
fn newest(folder: &Path, warnings: &mut Vec<Warning>) -> Result<PathBuf, SnapshotError> {
    let inner = folder.join("meta");
    let meta = if inner.is_dir() { inner } else { folder.to_owned() };
    let names = snapshot_names(&meta)?;
    let Some(newest) = names.last() else {
        return Err(SnapshotError::Empty { path: folder.to_owned() });
    };
    let newest = meta.join(newest);
    collisions(&meta, &names, warnings)?;
    compare_journal(&meta, &names, warnings);
    Ok(newest)
}

pub(super) fn snapshot_names(folder: &Path) -> Result<Vec<String>, SnapshotError> {
    let unreadable = |source| SnapshotError::Unreadable { path: folder.to_owned(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if let Ok(name) = entry.file_name().into_string()
            && name.ends_with(".json")
            && !name.starts_with(['_', '.'])
            && entry.path().is_file()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn collisions(
    meta: &Path,
    names: &[String],
    warnings: &mut Vec<Warning>,
) -> Result<(), SnapshotError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Lineage {
        #[serde(default)]
        prev_id: String,
    }
    let mut followers: indexmap::IndexMap<String, Vec<String>> = indexmap::IndexMap::new();
    for name in names {
        // What cannot be read here is told when it is the one to be read.
        if let Ok(lineage) = serde_json::from_str::<Lineage>(&load(&meta.join(name))?) {
            followers.entry(lineage.prev_id).or_default().push(name.clone());
        }
    }
    for (prev_id, files) in followers {
        if files.len() > 1 {
            warnings.push(Warning::Collision { prev_id, files });
        }
    }
    Ok(())
}

fn compare_journal(meta: &Path, names: &[String], warnings: &mut Vec<Warning>) {
    let path = meta.join("_journal.json");
    if !path.is_file() {
        return;
    }
    let journal = load(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str::<Journal>(&text).map_err(|error| error.to_string()));
    let journal = match journal {
        Ok(journal) => journal,
        Err(reason) => return warnings.push(Warning::BadJournal { reason }),
    };
    let prefix = |text: &str| text.split('_').next().unwrap_or_default().to_owned();
    let listed: Vec<_> = journal.entries.iter().map(|entry| prefix(&entry.tag)).collect();
    let present: Vec<_> = names.iter().map(|name| prefix(name)).collect();
    for entry in &journal.entries {
        if !present.contains(&prefix(&entry.tag)) {
            warnings.push(Warning::MissingSnapshot { tag: entry.tag.clone() });
        }
    }
    for (name, prefix) in names.iter().zip(&present) {
        if !listed.contains(prefix) {
            warnings.push(Warning::NotInJournal { file: name.clone() });
        }
    }
}

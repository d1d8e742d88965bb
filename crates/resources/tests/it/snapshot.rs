//! Snapshots of every age and state of repair.

use crate::samples::{ALL, sample};
use resources::snapshot::{Journal, Snapshot, SnapshotError, Warning};
use std::path::Path;

fn parse(text: &str) -> Result<(Snapshot, Vec<Warning>), SnapshotError> {
    Snapshot::parse(text, Path::new("0000_snapshot.json"))
}

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn what_drizzle_kit_wrote_is_written_back_byte_for_byte() {
    for name in ALL {
        let path = sample(name);
        let (snapshot, warnings) = Snapshot::read(&path).unwrap();
        assert_eq!(warnings, [], "{name}");
        assert!(snapshot.to_json() == std::fs::read_to_string(&path).unwrap(), "{name} differs");
    }
}

#[test]
fn a_meta_folder_gives_its_newest_snapshot() {
    for folder in ["invoicing/meta", "invoicing"] {
        let (snapshot, warnings) = Snapshot::read(&sample(folder)).unwrap();
        assert_eq!(snapshot.id, "ba4ace9a-dda8-4faa-89b6-9d094a108327");
        assert_eq!(warnings, []);
    }
}

#[test]
fn a_journal_is_written_as_drizzle_kit_does() {
    let journal = Journal::of_one("0000_silent_jack_power", 1_795_236_712_758);
    let theirs = std::fs::read_to_string(sample("chinook/meta/_journal.json")).unwrap();
    assert_eq!(journal.to_json(), theirs);
}

#[test]
fn two_snapshots_after_the_same_one_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let first = std::fs::read_to_string(sample("invoicing/meta/0001_snapshot.json")).unwrap();
    std::fs::write(folder.path().join("0001_snapshot.json"), &first).unwrap();
    std::fs::write(folder.path().join("0002_snapshot.json"), &first).unwrap();
    std::fs::write(folder.path().join("_journal.json"), Journal::of_one("0003_gone", 0).to_json())
        .unwrap();
    let (_, warnings) = Snapshot::read(folder.path()).unwrap();
    let told: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[0].contains("0001_snapshot.json and 0002_snapshot.json"), "{}", told[0]);
    assert!(told[1].contains("0003_gone"), "{}", told[1]);
    assert!(told[2].contains("0001_snapshot.json is not in the journal"), "{}", told[2]);
}

#[test]
fn an_empty_or_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = Snapshot::read(folder.path()).unwrap_err();
    assert!(matches!(&empty, SnapshotError::Empty { path } if path == folder.path()));
    let missing = Snapshot::read(&folder.path().join("nowhere")).unwrap_err();
    assert!(missing.to_string().contains("nowhere"), "{missing}");
}

#[test]
fn an_older_snapshot_is_upgraded_with_a_warning() {
    let v6 = r#"{"id":"a","prevId":"b","version":"6","dialect":"postgresql",
        "tables":{"public.t":{"name":"t","schema":"","columns":{},
        "indexes":{"i":{"name":"i","columns":["a","b"],"isUnique":true}}}},"enums":{},"schemas":{}}"#;
    let (snapshot, warnings) = parse(v6).unwrap();
    assert_eq!(warnings, [Warning::OldVersion { found: "6".into() }]);
    let column = &snapshot.tables["public.t"].indexes["i"].columns[1];
    assert_eq!((column.expression.as_str(), column.asc, column.is_expression), ("b", true, false));

    let v5 = r#"{"version":"5","dialect":"pg","tables":{"t":{"name":"t","schema":"","columns":{}},
        "u":{"name":"u","schema":"other","columns":{}}},
        "enums":{"mood":{"name":"mood","values":{"sad":"sad","ok":"ok"}}},"schemas":{}}"#;
    let (snapshot, _) = parse(v5).unwrap();
    assert_eq!(snapshot.tables.keys().collect::<Vec<_>>(), ["public.t", "other.u"]);
    let mood = &snapshot.enums["public.mood"];
    assert_eq!(
        (mood.schema.as_str(), mood.values.as_slice()),
        ("public", &["sad".into(), "ok".into()][..])
    );
    assert_eq!(snapshot.version, "7");
}

#[test]
fn a_reduced_snapshot_is_read() {
    let (snapshot, warnings) = parse(
        r#"{"tables":{"ships":{"columns":{"id":{"type":"uuid","notNull":true,"default":"gen_random_uuid()"}}}}}"#,
    )
    .unwrap();
    assert_eq!(warnings, [Warning::Reduced]);
    let table = &snapshot.tables["public.ships"];
    assert_eq!((table.name.as_str(), table.schema_name()), ("ships", "public"));
    assert_eq!(table.columns["id"].default_sql().as_deref(), Some("gen_random_uuid()"));
}

#[test]
fn unknown_keys_are_left_out_with_a_warning() {
    let (_, warnings) = parse(
        r#"{"version":"7","dialect":"postgresql","surprise":1,"tables":{"public.t":{"name":"t",
        "columns":{"c":{"name":"c","type":"text","shiny":true,"default":null}}}}}"#,
    )
    .unwrap();
    let told: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the snapshot has the key \"surprise\", which is not known and was left out",
            "columns c has the key \"shiny\", which is not known and was left out",
        ]
    );
}

#[test]
fn what_is_no_snapshot_is_refused_by_name() {
    let cases = [
        ("{\n  \"id\": ,", "0000_snapshot.json is not JSON at line 2, column 9"),
        ("", "is not JSON at line 1, column 0"),
        ("[]", "it holds a list instead of an object"),
        ("7", "it holds a number instead of an object"),
        (r#"{"version":"7","dialect":"postgresql"}"#, "it has no \"tables\""),
        (r#"{"version":"8","dialect":"postgresql","tables":{}}"#, "snapshot version \"8\""),
        (r#"{"version":"4","dialect":"postgresql","tables":{}}"#, "snapshot version \"4\""),
        (r#"{"version":"5","dialect":"mysql","tables":{}}"#, "dialect \"mysql\""),
        (r#"{"version":"6","dialect":"sqlite","tables":{}}"#, "dialect \"sqlite\""),
        (r#"{"version":"7","dialect":"postgresql","tables":[]}"#, "the snapshot is not as"),
        (
            r#"{"version":"7","dialect":"postgresql","tables":{"public.t":{"name":"t","columns":{"c":{"name":"c"}}}}}"#,
            "column c of table public.t is not as a snapshot has it: missing field `type`",
        ),
    ];
    for (text, message) in cases {
        let told = refused(text);
        assert!(told.contains(message), "{text}: {told}");
    }
}

#[test]
fn a_pull_replaces_a_pull_and_never_a_lineage() {
    let folder = tempfile::tempdir().unwrap();
    let meta = folder.path().join("demo/meta");
    let (chinook, _) = Snapshot::read(&sample("chinook/meta")).unwrap();
    let file = chinook.write_pulled(&meta, "chinook", 5).unwrap();
    chinook.write_pulled(&meta, "again", 6).unwrap();
    let (back, warnings) = Snapshot::read(&meta).unwrap();
    assert_eq!((back, warnings), (chinook.clone(), Vec::new()));
    let journal = std::fs::read_to_string(meta.join("_journal.json")).unwrap();
    assert!(journal.contains("0000_chinook"), "{journal}");

    let (generated, _) = Snapshot::read(&sample("invoicing/meta")).unwrap();
    std::fs::write(&file, generated.to_json()).unwrap();
    let refused = chinook.write_pulled(&meta, "chinook", 7).unwrap_err();
    assert!(matches!(refused, SnapshotError::Occupied { path } if path == file));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), generated.to_json());
}

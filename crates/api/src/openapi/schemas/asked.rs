//! What is sent.

use super::{
    any_of, anything, client_name, closed, flag, list, named, names, null, number, open, row, text,
    words,
};
use utoipa::openapi::{RefOr, Schema};

/// What bodies look like. Other spellings are understood as well.
#[expect(clippy::too_many_lines, reason = "one list of what bodies look like")]
pub(super) fn asked() -> Vec<(&'static str, RefOr<Schema>)> {
    let size = || number(0, u32::MAX);
    let table = || ("table_name!", text());
    let conditions = || ("conditions", list(named("Condition")));
    vec![
        ("Condition", open([("column", text()), ("operator", text()), ("value", anything())])),
        (
            "Fetch",
            open([
                table(),
                ("columns", names()),
                conditions(),
                ("limit", size()),
                ("offset", size()),
                ("current_page", size()),
                ("page_size", size()),
                ("sort_by", any_of([row(), null()])),
                ("count", words(&["exact"])),
                ("strip_nulls", any_of([flag(), null()])),
            ]),
        ),
        (
            "Insert",
            open([
                table(),
                ("insert_body!", any_of([row(), list(row())])),
                ("update_body", row()),
                ("on_conflict", names()),
                ("columns", names()),
            ]),
        ),
        (
            "Update",
            open([
                table(),
                ("set", row()),
                ("data", row()),
                ("update_body", row()),
                conditions(),
                ("columns", names()),
                ("limit", any_of([size(), null()])),
                ("offset", any_of([size(), null()])),
                ("sort_by", any_of([row(), null()])),
            ]),
        ),
        (
            "Delete",
            open([
                table(),
                ("resource_id", any_of([text(), size()])),
                conditions(),
                ("columns", names()),
                ("limit", any_of([size(), null()])),
                ("offset", any_of([size(), null()])),
                ("sort_by", any_of([row(), null()])),
            ]),
        ),
        ("Query", open([("query!", text()), ("params", list(anything()))])),
        (
            "Sql",
            open([
                ("query!", text()),
                ("driver", text()),
                ("db_name", text()),
                ("params", list(anything())),
            ]),
        ),
        (
            "Count",
            open([
                ("table_name", text()),
                ("table_schema", text()),
                ("query", any_of([text(), null()])),
            ]),
        ),
        (
            "Rpc",
            open([("function!", text()), ("schema", text()), ("args", row()), ("select", text())]),
        ),
        ("Arguments", row()),
        ("Transaction", open([("operations!", list(row())), ("options", row())])),
        (
            "ImportWanted",
            closed([
                ("name", text()),
                ("remoteSchema", text()),
                ("include", list(text())),
                ("exclude", list(text())),
                ("rename", row()),
                ("primaryKey", list(text())),
                ("types", row()),
                ("writable", flag()),
            ]),
        ),
        (
            "AdmissionLimits",
            closed([
                ("enabled", flag()),
                ("window_secs", number(1, 3_600)),
                ("global_requests_per_window", number(0, 1_000_000_000)),
                ("per_client_requests_per_window", number(0, 1_000_000_000)),
                ("per_identity_requests_per_window", number(0, 1_000_000_000)),
                ("clients", row()),
                ("defer_on_limit_enabled", flag()),
                ("defer_route_prefixes", list(text())),
            ]),
        ),
        ("ClientConfig", closed([("config!", row()), ("metadata", row())])),
        ("Seed", closed([("overwrite", flag())])),
        (
            "PublicRoute",
            closed([
                ("route_key", text()),
                ("client_name", client_name()),
                ("allowed_ops", list(words(&["query", "fetch", "insert", "update", "delete"]))),
                ("is_active", flag()),
                ("metadata", row()),
                ("table_name", text()),
                ("any_table", flag()),
                ("columns", list(text())),
                ("forced_conditions", list(row())),
                ("max_limit", number(1, u32::MAX)),
                ("saved_query", text()),
                ("allow_raw_sql", flag()),
            ]),
        ),
        (
            "KeyEdit",
            closed([
                ("name", text()),
                ("description", any_of([text(), null()])),
                ("client_name", any_of([text(), null()])),
                ("expires_at", any_of([text(), null()])),
                ("is_active", flag()),
                ("rights", list(text())),
            ]),
        ),
        (
            "UserWanted",
            closed([
                ("email!", text()),
                ("display_name", any_of([text(), null()])),
                ("role", words(&["admin", "member"])),
            ]),
        ),
        (
            "UserEdit",
            closed([
                ("display_name", any_of([text(), null()])),
                ("role", words(&["admin", "member"])),
                ("is_active", flag()),
            ]),
        ),
        (
            "OrganizationWanted",
            closed([("name", text()), ("company_id", any_of([text(), null()]))]),
        ),
        ("Invitation", closed([("expires_in_seconds", number(1, 2_592_000))])),
        ("Scopes", closed([("scopes!", list(text()))])),
        ("Overlap", closed([("overlap_seconds", number(0, 2_592_000))])),
        ("RightWanted", closed([("name!", text()), ("description", any_of([text(), null()]))])),
        ("Enforcement", closed([("enforce_api_keys!", flag())])),
        (
            "KeyWanted",
            closed([
                ("name!", text()),
                ("description", text()),
                ("client_name", text()),
                ("expires_at", text()),
                ("rights", list(text())),
            ]),
        ),
        (
            "Datasource",
            closed([
                ("name", client_name()),
                ("label", text()),
                ("driver", text()),
                ("schemaMode", words(&["managed", "external", "validate-only"])),
                ("config", row()),
                ("pool", row()),
                ("ssl", row()),
                ("external", row()),
                ("active", flag()),
                ("secret", any_of([text(), row()])),
            ]),
        ),
        (
            "ClientWanted",
            closed([
                ("client_name", client_name()),
                ("description", text()),
                ("pg_uri", text()),
                ("pg_uri_env_var", text()),
                ("is_active", flag()),
            ]),
        ),
        ("Freeze", closed([("is_frozen!", flag())])),
    ]
}

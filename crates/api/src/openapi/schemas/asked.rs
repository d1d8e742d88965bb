//! What is sent.

use super::{
    any_of, anything, client_name, closed, flag, list, named, null, number, open, or_null, row,
    text, words,
};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// What bodies look like. Other spellings are understood as well.
#[expect(clippy::too_many_lines, reason = "one list of what bodies look like")]
pub(super) fn asked() -> Vec<(&'static str, RefOr<Schema>)> {
    let size =
        || or_null(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0.0)).into());
    // A page before the first is the first.
    let page = || or_null(ObjectBuilder::new().schema_type(Type::Integer).into());
    let table = || ("table_name!", text());
    let schema = || ("schema", or_null(text()));
    let conditions = || ("conditions", or_null(list(named("Condition"))));
    let columns = || ("columns", any_of([text(), list(text()), null()]));
    let order = || ("sort_by", any_of([row(), list(row()), null()]));
    let some_row = || or_null(row());
    vec![
        ("Condition", open([("column", text()), ("operator", text()), ("value", anything())])),
        (
            "Fetch",
            open([
                table(),
                schema(),
                columns(),
                conditions(),
                ("limit", size()),
                ("offset", size()),
                ("current_page", page()),
                ("page_size", size()),
                order(),
                ("count", any_of([words(&["exact", "planned", "estimated"]), flag(), null()])),
                ("strip_nulls", or_null(flag())),
            ]),
        ),
        (
            "Insert",
            open([
                table(),
                schema(),
                ("insert_body!", any_of([row(), list(row())])),
                ("update_body", some_row()),
                ("on_conflict", any_of([text(), list(text()), null()])),
                columns(),
            ]),
        ),
        (
            "Update",
            open([
                table(),
                schema(),
                ("set", some_row()),
                ("data", some_row()),
                ("update_body", some_row()),
                conditions(),
                columns(),
                ("limit", size()),
                ("offset", size()),
                order(),
            ]),
        ),
        (
            "Delete",
            open([
                table(),
                schema(),
                ("resource_id", any_of([text(), number(0, u32::MAX), null()])),
                conditions(),
                columns(),
                ("limit", size()),
                ("offset", size()),
                order(),
            ]),
        ),
        ("Query", open([("query!", text()), ("params", or_null(list(anything())))])),
        (
            "Sql",
            open([
                ("query!", text()),
                ("driver", or_null(text())),
                ("db_name", or_null(text())),
                ("params", or_null(list(anything()))),
            ]),
        ),
        (
            "Count",
            open([
                ("table_name", or_null(text())),
                ("table_schema", or_null(text())),
                ("query", or_null(text())),
            ]),
        ),
        (
            "Rpc",
            open([
                ("function!", text()),
                ("schema", or_null(text())),
                ("args", some_row()),
                ("select", or_null(text())),
            ]),
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
                ("description", or_null(text())),
                ("client_name", or_null(text())),
                ("expires_at", or_null(text())),
                ("is_active", flag()),
                ("rights", list(text())),
            ]),
        ),
        (
            "UserWanted",
            closed([
                ("email!", text()),
                ("display_name", or_null(text())),
                ("role", words(&["admin", "member"])),
            ]),
        ),
        (
            "UserEdit",
            closed([
                ("display_name", or_null(text())),
                ("role", words(&["admin", "member"])),
                ("is_active", flag()),
            ]),
        ),
        ("OrganizationWanted", closed([("name", text()), ("company_id", or_null(text()))])),
        ("Invitation", closed([("expires_in_seconds", number(1, 2_592_000))])),
        ("Scopes", closed([("scopes!", list(text()))])),
        ("Overlap", closed([("overlap_seconds", number(0, 2_592_000))])),
        ("RightWanted", closed([("name!", text()), ("description", or_null(text()))])),
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

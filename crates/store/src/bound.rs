//! What holds on to a client, kind by kind: nothing of it may be left hanging.

use crate::StoreError;
use sqlx::PgConnection;

/// Things of one kind that hold on to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub kind: &'static str,
    pub count: i64,
    /// The first few.
    pub names: Vec<String>,
}

/// How many names of a kind are told.
pub const NAMES_SHOWN: usize = 10;

/// One kind: the table it is in, and which of its rows hold on to the client `$1`, by name.
struct Kind {
    kind: &'static str,
    table: &'static str,
    /// Selects one text column.
    names: &'static str,
}

/// Every kind. A kind whose table is not there yet holds nothing.
const KINDS: &[Kind] = &[
    Kind {
        kind: "api_keys",
        table: "api_keys",
        names: "select name from api_keys where lower(client_name) = lower($1) and is_active \
                order by name",
    },
    Kind {
        kind: "api_key_client_config",
        table: "api_key_client_config",
        names: "select client_name from api_key_client_config where lower(client_name) = lower($1)",
    },
    Kind {
        kind: "client_configs",
        table: "athena_client_configs",
        names: "select client_name from athena_client_configs where lower(client_name) = lower($1)",
    },
    Kind {
        kind: "public_routes",
        table: "public_gateway_routes",
        names: "select route_key from public_gateway_routes \
                where lower(client_name) = lower($1) and deleted_at is null order by route_key",
    },
    Kind {
        kind: "deferred_jobs",
        table: "gateway_deferred_request_queue",
        names: "select request_id from gateway_deferred_request_queue \
                where lower(client_name) = lower($1) and status in ('queued', 'running') \
                order by request_id",
    },
    Kind {
        kind: "backup_schedules",
        table: "backup_schedules",
        names: "select client_name from backup_schedules where lower(client_name) = lower($1)",
    },
    Kind {
        kind: "imported_resources",
        table: "external_resources",
        names: "select resource_name from external_resources \
                where lower(client_name) = lower($1) order by resource_name",
    },
    Kind {
        kind: "resources",
        table: "resource_routes",
        names: "select name from resource_routes where lower(client_name) = lower($1) order by name",
    },
];

/// Everything that holds on to a client. What cannot be counted is an error, never zero.
pub(crate) async fn bound_to(
    connection: &mut PgConnection,
    client: &str,
) -> Result<Vec<Bound>, StoreError> {
    let mut all = Vec::new();
    for kind in KINDS {
        let is_there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
            .bind(kind.table)
            .fetch_one(&mut *connection)
            .await?;
        if !is_there {
            continue;
        }
        let mut names: Vec<String> =
            sqlx::query_scalar(kind.names).bind(client).fetch_all(&mut *connection).await?;
        let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
        names.truncate(NAMES_SHOWN);
        if count > 0 {
            all.push(Bound { kind: kind.kind, count, names });
        }
    }
    Ok(all)
}

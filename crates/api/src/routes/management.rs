//! Changes of structure, and databases that are made.

use super::{Right, Route, route};
use http::Method;

const PROVISION: Right = Right::Operator("management.provision.write");
const MANAGE_READ: Right = Right::Manage("management.read");

pub(super) static LISTED: &[Route] = &[
    route(
        Method::POST,
        "/admin/provision",
        PROVISION,
        "Make this gateway's tables in a database, or bring them up to date",
    ),
    route(Method::GET, "/admin/provision/status", PROVISION, "Which of those tables there are"),
    route(
        Method::GET,
        "/admin/provision/local/databases",
        PROVISION,
        "Databases of a client's server",
    ),
    route(
        Method::POST,
        "/admin/provision/local/databases",
        PROVISION,
        "Make a database on a client's server",
    ),
    route(Method::POST, "/admin/provision/local/pipeline", PROVISION, "Not built"),
    route(Method::POST, "/admin/provision/providers/{provider}", PROVISION, "Not built"),
    route(Method::GET, "/admin/provision/instances", PROVISION, "Not built"),
    route(Method::POST, "/admin/provision/instances", PROVISION, "Not built"),
    route(Method::GET, "/admin/provision/instances/{name}", PROVISION, "Not built"),
    route(Method::DELETE, "/admin/provision/instances/{name}", PROVISION, "Not built"),
    route(
        Method::GET,
        "/management/capabilities",
        MANAGE_READ,
        "List management API capabilities for a client",
    ),
    route(Method::GET, "/management/tables", MANAGE_READ, "Every table and view"),
    route(
        Method::POST,
        "/management/tables",
        Right::Manage("management.tables.write"),
        "Create a table",
    ),
    route(
        Method::GET,
        "/management/tables/{table}",
        MANAGE_READ,
        "A table's columns and constraints",
    ),
    route(
        Method::PATCH,
        "/management/tables/{table}",
        Right::Manage("management.tables.write"),
        "Change a table, its columns or its constraints",
    ),
    route(
        Method::DELETE,
        "/management/tables/{table}",
        Right::Manage("management.tables.drop"),
        "Drop a table",
    ),
    route(
        Method::DELETE,
        "/management/tables/{table}/columns/{column}",
        Right::Manage("management.columns.drop"),
        "Drop a column",
    ),
    route(Method::GET, "/management/indexes", MANAGE_READ, "Every index, or those of a table"),
    route(
        Method::POST,
        "/management/indexes",
        Right::Manage("management.indexes.write"),
        "Create an index",
    ),
    route(
        Method::DELETE,
        "/management/indexes/{index}",
        Right::Manage("management.indexes.drop"),
        "Drop an index",
    ),
    route(Method::GET, "/management/extensions", MANAGE_READ, "Extensions, installed or not"),
    route(
        Method::POST,
        "/management/extensions/install",
        Right::Manage("management.extensions.write"),
        "Install an extension",
    ),
    route(
        Method::GET,
        "/management/functions",
        Right::Manage("management.functions.read"),
        "Functions and procedures",
    ),
    route(
        Method::PUT,
        "/management/functions",
        Right::Manage("management.functions.write"),
        "Create or replace a function",
    ),
    route(
        Method::DELETE,
        "/management/functions",
        Right::Manage("management.functions.drop"),
        "Drop a function",
    ),
    route(
        Method::GET,
        "/management/audit-log",
        MANAGE_READ,
        "What was changed, by whom, and how it ended",
    ),
    route(
        Method::GET,
        "/management/provision/local/databases",
        Right::Manage("management.provision.write"),
        "Databases of the client's server",
    ),
    route(
        Method::POST,
        "/management/provision/local/databases",
        Right::Manage("management.provision.write"),
        "Make a database on the client's server",
    ),
];

//! Clients, where they stand and how they differ.

use super::{Right, Route, route};
use http::Method;

const READ_CLIENTS: Right = Right::Operator("datasources.read");
const WRITE_CLIENTS: Right = Right::Operator("datasources.write");

pub(super) static LISTED: &[Route] = &[
    route(Method::GET, "/api/v1/datasources", READ_CLIENTS, "Clients, with where each stands"),
    route(Method::POST, "/api/v1/datasources", WRITE_CLIENTS, "Make a client"),
    route(Method::GET, "/api/v1/datasources/drivers", READ_CLIENTS, "What each driver asks for"),
    route(
        Method::GET,
        "/api/v1/datasources/events",
        READ_CLIENTS,
        "What happens to clients, as it does",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/test",
        WRITE_CLIENTS,
        "Try a client without keeping it",
    ),
    route(Method::GET, "/api/v1/datasources/{name}", READ_CLIENTS, "A client, without its secrets"),
    route(Method::PATCH, "/api/v1/datasources/{name}", WRITE_CLIENTS, "Change a client"),
    route(Method::DELETE, "/api/v1/datasources/{name}", WRITE_CLIENTS, "Remove a client"),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/test",
        WRITE_CLIENTS,
        "Try a client as it is kept",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/migrate-credential",
        WRITE_CLIENTS,
        "Move a password of old to where secrets are kept",
    ),
    route(Method::GET, "/admin/clients", READ_CLIENTS, "Clients, with where each stands"),
    route(Method::POST, "/admin/clients", WRITE_CLIENTS, "Make a client from a connection string"),
    route(Method::PATCH, "/admin/clients/{name}", WRITE_CLIENTS, "Change a client"),
    route(Method::DELETE, "/admin/clients/{name}", WRITE_CLIENTS, "Remove a client"),
    route(
        Method::PUT,
        "/admin/clients/{name}/freeze",
        WRITE_CLIENTS,
        "Hold a client's traffic back, or let it through",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/remote-tables",
        Right::Operator("datasources.read"),
        "Tables of a client, as external/tables",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/tables",
        Right::Operator("datasources.read"),
        "Tables of a client in its allowed schemas",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/tables/{remote}/draft",
        Right::Operator("datasources.read"),
        "What a table would be as a resource; writes nothing",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/tables/{remote}/import",
        Right::Operator("datasources.import"),
        "Import a table as a resource",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/objects",
        Right::Operator("datasources.read"),
        "Imported resources of a client",
    ),
    route(
        Method::DELETE,
        "/api/v1/datasources/{name}/external/objects/{object}",
        Right::Operator("datasources.import"),
        "Remove an imported resource; its table stays",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/refresh-catalog",
        Right::Operator("datasources.import"),
        "Read the catalog of a client and keep it",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/catalog",
        Right::Operator("datasources.read"),
        "The catalog as it was last kept",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/validate",
        Right::Operator("datasources.read"),
        "Compare a client with what was imported of it",
    ),
    route(
        Method::GET,
        "/api/v1/datasources/{name}/external/drift",
        Right::Operator("datasources.read"),
        "Events of drift, newest first",
    ),
    route(
        Method::POST,
        "/api/v1/datasources/{name}/external/drift/{id}/ack",
        Right::Operator("datasources.write"),
        "Acknowledge an event of drift",
    ),
    route(
        Method::GET,
        "/admin/clients/statistics",
        Right::Operator("admin.statistics.read"),
        "How much each client is used",
    ),
    route(
        Method::POST,
        "/admin/clients/statistics/refresh",
        Right::Operator("admin.statistics.read"),
        "The same, with what was logged until now",
    ),
    route(
        Method::GET,
        "/admin/clients/{name}/statistics",
        Right::Operator("admin.statistics.read"),
        "How much a client and its tables are used",
    ),
    route(
        Method::GET,
        "/admin/clients/{name}/statistics/drilldown",
        Right::Operator("admin.statistics.read"),
        "The operations behind a number",
    ),
    route(
        Method::GET,
        "/admin/client-configs",
        Right::Operator("admin.configs.read"),
        "How clients differ from the settings",
    ),
    route(
        Method::POST,
        "/admin/client-configs/seed-from-config",
        Right::Operator("admin.configs.write"),
        "Write down how clients work now, where nothing is",
    ),
    route(
        Method::GET,
        "/admin/client-configs/{name}",
        Right::Operator("admin.configs.read"),
        "How a client differs, and how it works",
    ),
    route(
        Method::PUT,
        "/admin/client-configs/{name}",
        Right::Operator("admin.configs.write"),
        "Let a client differ, at once and everywhere",
    ),
    route(
        Method::DELETE,
        "/admin/client-configs/{name}",
        Right::Operator("admin.configs.write"),
        "Let a client work as the settings say",
    ),
];

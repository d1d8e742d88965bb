copy gateway_request_log
    (created_at, request_id, client, method, path, query_string, status_code, ipv4, user_agent, headers, body,
     user_id, company_id, organization_id, presented_api_key_public_id, api_key_authenticated,
     api_key_authorized, api_key_enforced, api_key_auth_reason, host, cached, duration_ms,
     cache_lookup_outcome, cache_source, operation, table_name, route_source, route_key, route_outcome, time)
from stdin (format binary)

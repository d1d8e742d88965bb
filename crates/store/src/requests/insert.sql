insert into gateway_request_log
    (created_at, request_id, client, method, path, query_string, status_code, ipv4, user_agent, headers, body,
     user_id, company_id, organization_id, presented_api_key_public_id, api_key_authenticated,
     api_key_authorized, api_key_enforced, api_key_auth_reason, host, cached, duration_ms,
     cache_lookup_outcome, cache_source, operation, table_name, route_source, route_key, route_outcome, time)
select
    timestamptz 'epoch' + micros * interval '1 microsecond',
    request_id, client, method, path, query_string, status_code, ipv4, user_agent, headers, body, user_id,
    company_id, organization_id, presented_api_key_public_id, api_key_authenticated, api_key_authorized,
    api_key_enforced, api_key_auth_reason, host, cached, duration_ms, cache_lookup_outcome, cache_source,
    operation, table_name, route_source, route_key, route_outcome, micros / 1000000.0
from json_to_recordset($1::json) as rows
    (micros bigint, request_id text, client text, method text, path text, query_string text, status_code int,
     ipv4 text, user_agent text, headers jsonb, body jsonb, user_id text, company_id text,
     organization_id text, presented_api_key_public_id text, api_key_authenticated bool,
     api_key_authorized bool, api_key_enforced bool, api_key_auth_reason text, host text, cached bool,
     duration_ms bigint, cache_lookup_outcome text, cache_source text, operation text, table_name text,
     route_source text, route_key text, route_outcome text)

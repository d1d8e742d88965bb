copy api_key_auth_log
    (api_key_auth_log_id, request_id, api_key_id, api_key_public_id, client_name, method, path, presented_key_hash,
     required_rights, granted_rights, authenticated, authorized, enforced, failure_reason,
     remote_addr, user_agent, time)
from stdin (format binary)

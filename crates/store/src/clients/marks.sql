select
    client_name,
    origin = 'config' as configured,
    xmin::text::bigint as mark,
    version,
    is_active and not is_frozen and deleted_at is null as open,
    schema_mode = 'managed' as managed
from athena_clients

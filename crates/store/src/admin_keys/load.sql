select
    pepper_id,
    digest,
    case
        when expires_at = '-infinity' then 0
        when expires_at < 'infinity' then (extract(epoch from expires_at) * 1000000)::bigint
    end
from admin_keys

update admin_keys
set expires_at = now() + $1::bigint * interval '1 microsecond'
where kind = 'made' and (expires_at is null or expires_at > now() + $1::bigint * interval '1 microsecond')

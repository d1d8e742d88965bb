insert into admin_keys (kind, pepper_id, digest, expires_at)
values ('configured', $1, $2, now() + $3::bigint * interval '1 microsecond')
on conflict (digest) do update
set expires_at = least(admin_keys.expires_at, excluded.expires_at)

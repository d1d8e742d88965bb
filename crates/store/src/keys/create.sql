insert into api_keys (public_id, name, description, client_name, key_salt, key_hash, expires_at)
values ($1, $2, $3, $4, $5, $6, timestamptz 'epoch' + $7::bigint * interval '1 microsecond')
returning id

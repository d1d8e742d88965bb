insert into api_keys
    (public_id, name, description, client_name, key_salt, key_hash, hash_version, pepper_id, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, timestamptz 'epoch' + $9::bigint * interval '1 microsecond')
returning id

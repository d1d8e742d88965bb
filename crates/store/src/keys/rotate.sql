update api_keys
set
    previous_salt = case when $6::bigint > 0 then key_salt end,
    previous_hash = case when $6::bigint > 0 then key_hash end,
    previous_hash_version = case when $6::bigint > 0 then hash_version end,
    previous_pepper_id = case when $6::bigint > 0 then pepper_id end,
    previous_until = case when $6::bigint > 0 then now() + $6::bigint * interval '1 microsecond' end,
    key_salt = $2,
    key_hash = $3,
    hash_version = $4,
    pepper_id = $5,
    rotated_at = now(),
    updated_at = now()
where id = $1

update api_keys
set key_salt = $3, key_hash = $4, hash_version = $5, pepper_id = $6
where public_id = $1 and key_hash = $2 and deleted_at is null

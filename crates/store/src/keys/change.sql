update api_keys
set
    name = coalesce($2, name),
    description = case when $3 then $4 else description end,
    client_name = case when $5 then $6 else client_name end,
    expires_at = case
        when $7 then timestamptz 'epoch' + $8::bigint * interval '1 microsecond'
        else expires_at
    end,
    is_active = coalesce($9, is_active),
    updated_at = now()
where id = $1

left join lateral (
    select array_agg(right_id) as rights from api_key_right_grants where api_key_id = k.id
) g on true
where k.deleted_at is null and (k.id = any($1) or k.public_id = any($2))

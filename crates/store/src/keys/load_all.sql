left join (
    select api_key_id, array_agg(right_id) as rights from api_key_right_grants group by api_key_id
) g on g.api_key_id = k.id
where k.deleted_at is null

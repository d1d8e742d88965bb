insert into api_key_right_grants (api_key_id, right_id)
select $1, id from api_key_rights where name = any($2::text[])

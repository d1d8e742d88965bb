select
    k.public_id,
    k.client_name,
    k.key_salt,
    k.key_hash,
    case
        when k.expires_at = '-infinity' then 0
        when k.expires_at < 'infinity' then (extract(epoch from k.expires_at) * 1000000)::bigint
    end,
    k.is_active,
    coalesce(array_agg(r.name order by r.name) filter (where r.name is not null), '{}')
from api_keys k
left join api_key_right_grants g on g.api_key_id = k.id
left join api_key_rights r on r.id = g.right_id
group by k.id

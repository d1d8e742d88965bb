update api_keys k
set last_used_at = greatest(k.last_used_at, used.at)
from (
    select id, timestamptz 'epoch' + micros * interval '1 microsecond' as at
    from unnest($1::text[], $2::bigint[]) as u (id, micros)
) used
where k.public_id = used.id

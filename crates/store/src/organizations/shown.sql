select
    o.organization_id::text as id,
    o.name,
    o.company_id,
    (select count(*) from memberships m where m.organization_id = o.organization_id) as members,
    to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
from organizations o
where $1::text is null or o.organization_id = $1::uuid
order by lower(o.name)

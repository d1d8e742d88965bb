select
    console_user_id::text as id,
    email,
    display_name,
    role,
    is_active,
    -- A hash of nothing stands for no password.
    coalesce(length(password_hash) > 1, false) as has_password,
    exists (
        select from console_totp t
        where t.console_user_id = console_users.console_user_id and t.confirmed_at is not null
    ) as has_totp,
    to_char(last_sign_in_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last_sign_in_at,
    to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at
from console_users
where $1::text is null or console_user_id = $1::uuid
order by console_users.created_at, email
limit $2 offset $3

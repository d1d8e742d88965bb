update console_users
set
    display_name = case when $2 then $3 else display_name end,
    role = coalesce($4, role),
    is_active = coalesce($5, is_active),
    updated_at = now()
where console_user_id = $1::uuid

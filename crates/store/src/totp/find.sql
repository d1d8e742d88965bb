select
    s.id,
    s.namespace,
    s.key,
    s.kms_key_id,
    s.alg,
    s.version,
    s.ciphertext,
    t.confirmed_at is not null as is_confirmed,
    (
        select count(*) from console_recovery_codes c
        where c.console_user_id = t.console_user_id and c.used_at is null
    ) as recovery_left
from console_totp t
join sys_secret s on s.id = t.secret_id
where
    t.console_user_id = $1::uuid
    and (
        t.confirmed_at is not null
        or t.created_at > timestamptz 'epoch' + $2::bigint * interval '1 microsecond'
    )

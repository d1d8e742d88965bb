with due as (
    select request_id from gateway_deferred_request_queue
    where status = 'queued' and next_attempt_at <= now() and client_name <> all($3)
    order by next_attempt_at, request_id
    limit $2
    for update skip locked)
update gateway_deferred_request_queue as queue
set status = 'running', attempts = queue.attempts + 1, updated_at = now(),
    lease_owner = $1::uuid, lease_until = now() + $4::bigint * interval '1 microsecond'
from due
where queue.request_id = due.request_id
returning queue.request_id, queue.route, queue.client_name, queue.payload::text, queue.attempts, queue.caller,
    queue.idempotency_key is not null, queue.mark

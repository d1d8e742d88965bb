-- Rows come in the order of their time, so it is enough to know the times of each range of blocks:
-- a row costs next to nothing there. What every row says of itself has columns, which cost less
-- than a document; details is for what few of them have.
drop index gateway_operation_log_newest;
create index gateway_operation_log_newest on gateway_operation_log using brin (created_at);
alter table gateway_operation_log
    add column trace_id text,
    add column caller text,
    add column api_key_public_id text,
    add column row_count bigint,
    add column bytes bigint;

-- Rows come in the order of their time, so it is enough to know the times of each range of blocks:
-- a row costs next to nothing there.
drop index gateway_operation_log_newest;
create index gateway_operation_log_newest on gateway_operation_log using brin (created_at);

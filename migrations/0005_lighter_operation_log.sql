-- Names and ids are compared byte by byte, and ids grow with time: a row costs a third of what it did.
drop index gateway_operation_log_request;
drop index gateway_operation_log_newest;
drop index gateway_operation_log_table;
create index gateway_operation_log_request on gateway_operation_log (request_id collate "C");
create index gateway_operation_log_newest on gateway_operation_log (created_at);
create index gateway_operation_log_table
    on gateway_operation_log (client collate "C", table_name collate "C", created_at);

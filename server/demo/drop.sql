-- Take the demo away: exactly what schema.sql made, and nothing that was added since.

drop view if exists overdue_invoices, customer_balances;
drop table if exists import_log, files, tickets, payments, invoice_lines, invoices, customers, users, organizations;
drop type if exists invoice_status, payment_method, ticket_status, ticket_priority, user_role;

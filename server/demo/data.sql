-- The demo's rows. Every run makes the same ones: numbers are scrambled, never random.
-- `set demo.invoices = N` before it chooses how many invoices there are; 20,000 without.

-- A number below `n` that looks like chance and is not.
create function pg_temp.pick(i bigint, salt bigint, n bigint) returns integer
language sql immutable parallel safe
return (((((i * 2654435761 + salt * 2246822519) % 4294967296) * 1103515245 + 12345) % 2147483647) / 127 % n)::integer;

-- An id that is the same in every run.
create function pg_temp.id(kind text, i bigint) returns uuid
language sql immutable parallel safe
return md5(kind || i)::uuid;

create temporary table words as
select
    array['Alderbrook', 'Bramblewick', 'Cinderford', 'Dunmarsh', 'Elmhollow', 'Fernleigh', 'Greywater', 'Hazelmoor', 'Ironbridge', 'Junipero', 'Kestrelway', 'Larkfield', 'Mosswood', 'Northquay', 'Oakhaven', 'Pinecrest', 'Quillmere', 'Rosethorn', 'Silverbeck', 'Thornbury', 'Umberland', 'Violetta', 'Willowmere', 'Yarrowdale'] as places,
    array['Logistics', 'Foods', 'Textiles', 'Robotics', 'Printing', 'Energy', 'Ceramics', 'Instruments', 'Publishing', 'Joinery', 'Optics', 'Ferries', 'Seeds', 'Breweries', 'Glassworks', 'Cycles', 'Paper', 'Dairies'] as trades,
    array['GmbH', 'Ltd', 'SARL', 'BV', 'AB', 'Oy', 'SpA', 'ApS'] as forms,
    array['Mira', 'Tomas', 'Ines', 'Jonas', 'Leila', 'Piet', 'Sanna', 'Kofi', 'Yuki', 'Elif', 'Bruno', 'Nadia', 'Oskar', 'Tamsin', 'Rafi', 'Zora'] as first_names,
    array['Vandermoss', 'Okonfeld', 'Lindqvarn', 'Brightwell', 'Castellane', 'Haverstock', 'Marrowby', 'Nightingate', 'Pellworth', 'Quennell', 'Rostova', 'Silberhain', 'Tanakara', 'Umberto', 'Winterbourne', 'Ashgrove'] as last_names,
    array['Lisbon', 'Ghent', 'Turku', 'Graz', 'Malmö', 'Porto', 'Leeds', 'Lyon', 'Bologna', 'Gdańsk', 'Aarhus', 'Utrecht'] as cities,
    array['PT', 'BE', 'FI', 'AT', 'SE', 'PT', 'GB', 'FR', 'IT', 'PL', 'DK', 'NL'] as countries,
    array['Consulting, hours', 'Annual licence', 'Pallet transport', 'Oak boards, m²', 'Repair of machine', 'Training day', 'Printed catalogues', 'Storage, month', 'Spare parts', 'On-site inspection', 'Design work', 'Calibration', 'Express delivery', 'Support plan', 'Raw glass, kg', 'Seed mixture, kg'] as products,
    array['wholesale', 'retail', 'export', 'public-sector', 'key-account', 'newsletter', 'prepaid', 'framework'] as customer_tags,
    array['recurring', 'rush', 'export', 'reverse-charge', 'project', 'disputed', 'year-end'] as invoice_tags,
    array['The amount does not match our order', 'Please send the invoice again', 'Our address has changed', 'Which account should we pay to?', 'Delivery arrived damaged', 'We paid twice by mistake', 'Can we have 60 days?', 'The tax number is missing', 'A line is unknown to us', 'Please split the invoice in two'] as subjects;

insert into organizations (organization_id, name, slug, country, currency, vat_number, settings, is_active, created_at)
select
    pg_temp.id('organization', i),
    places[i * 2] || ' ' || trades[i + 1] || ' ' || forms[1 + i % 8],
    lower(places[i * 2]),
    countries[i],
    (array['EUR', 'EUR', 'EUR', 'EUR', 'SEK', 'EUR', 'GBP', 'EUR', 'EUR', 'PLN', 'DKK', 'EUR'])[i],
    countries[i] || lpad((100000000 + pg_temp.pick(i, 1, 899999999))::text, 9, '0'),
    jsonb_build_object('invoice_layout', (array['plain', 'letterhead', 'compact'])[1 + i % 3], 'reminders', jsonb_build_object('enabled', i % 4 <> 0, 'days', jsonb_build_array(7, 14, 30))),
    i <> 11,
    timestamptz '2023-01-09 09:00+00' + i * interval '17 days 3 hours'
from words, generate_series(1, 12) i;

insert into users (user_id, organization_id, full_name, email, role, is_active, last_seen_at, created_at)
select
    pg_temp.id('user', i),
    pg_temp.id('organization', 1 + (i - 1) % 12),
    first_names[1 + (i * 5) % 16] || ' ' || last_names[1 + (i * 3 + i / 16) % 16],
    lower(first_names[1 + (i * 5) % 16] || '.' || last_names[1 + (i * 3 + i / 16) % 16]) || i || '@example.com',
    (array['owner', 'accountant', 'sales', 'support', 'viewer'])[case when i <= 12 then 1 else 2 + i % 4 end]::user_role,
    i % 15 <> 0,
    case when i % 7 <> 0 then timestamptz '2026-06-30 18:00+00' - pg_temp.pick(i, 2, 60 * 24 * 40) * interval '1 minute' end,
    timestamptz '2023-02-01 08:00+00' + i * interval '5 days 7 hours'
from words, generate_series(1, 60) i;

insert into customers (customer_id, organization_id, account_manager_id, name, contact_name, email, phone, city, country, credit_limit, payment_terms_days, tags, notes, customer_since, created_at)
select
    pg_temp.id('customer', i),
    pg_temp.id('organization', 1 + (i - 1) % 12),
    case when i % 9 <> 0 then pg_temp.id('user', 1 + (i - 1) % 12 + 12 * (i % 5)) end,
    places[1 + i % 24] || ' ' || trades[1 + (i / 24 + i) % 18] || ' ' || forms[1 + pg_temp.pick(i, 3, 8)],
    first_names[1 + pg_temp.pick(i, 4, 16)] || ' ' || last_names[1 + pg_temp.pick(i, 5, 16)],
    case when i % 13 <> 0 then 'accounts' || i || '@' || lower(places[1 + i % 24]) || '.example' end,
    case when i % 4 <> 0 then '+00 555 ' || lpad(pg_temp.pick(i, 6, 1000000)::text, 6, '0') end,
    cities[1 + i % 12],
    countries[1 + i % 12],
    pg_temp.pick(i, 7, 100) * 1000,
    (array[14, 30, 30, 30, 45, 60])[1 + pg_temp.pick(i, 8, 6)],
    array(select distinct customer_tags[1 + pg_temp.pick(i, 9 + n, 8)] from generate_series(1, i % 4) n order by 1),
    case i % 11 when 0 then 'Pays late in summer.' when 5 then 'Wants paper invoices.' when 7 then '' end,
    date '2022-01-03' + pg_temp.pick(i, 14, 720),
    timestamptz '2022-01-03 10:00+00' + pg_temp.pick(i, 14, 720) * interval '1 day'
from words, generate_series(1, 800) i;

-- Lines first, because an invoice's amount is their sum.
create temporary table line_plan as
select
    i as invoice_id,
    n as line_number,
    1 + pg_temp.pick(i, 20 + n, 16) as product,
    (case when n % 3 = 0 then 0.5 else 1 end * (1 + pg_temp.pick(i, 30 + n, 24)))::numeric(10, 3) as quantity,
    ((450 + pg_temp.pick(i, 40 + n, 48000)) / 100.0)::numeric(12, 2) as unit_price,
    case when pg_temp.pick(i, 50 + n, 8) = 0 then 0.1 else 0 end as discount
from
    generate_series(1, coalesce(nullif(current_setting('demo.invoices', true), ''), '20000')::integer) i,
    generate_series(1, 1 + pg_temp.pick(i, 19, 4)) n;
analyze line_plan;

insert into invoices (invoice_id, number, organization_id, customer_id, created_by, status, amount, amount_paid, currency, issued_at, due_date, paid_at, reference, tags, metadata)
select
    i,
    'INV-' || extract(year from issued_at at time zone 'UTC') || '-' || lpad(i::text, 6, '0'),
    o.organization_id,
    pg_temp.id('customer', customer),
    case when i % 17 <> 0 then pg_temp.id('user', organization + 12 * pg_temp.pick(i, 62, 5)) end,
    status,
    amount,
    case status when 'paid' then amount when 'partially_paid' then round(amount * 0.4, 2) else 0 end,
    o.currency,
    issued_at,
    due_date,
    case when status = 'paid' then paid_at end,
    case when i % 3 = 0 then 'PO-' || (40000 + pg_temp.pick(i, 63, 50000)) end,
    case when i % 4 = 0 then array[w.invoice_tags[1 + pg_temp.pick(i, 64, 7)]] when i % 9 = 0 then array[w.invoice_tags[1 + i % 7], w.invoice_tags[1 + (i + 2) % 7]] else '{}' end,
    jsonb_build_object('source', (array['web', 'import', 'api'])[1 + i % 3], 'reminders', case when status in ('overdue', 'partially_paid') then 1 + i % 3 else 0 end)
from (
    select
        i,
        amount,
        customer,
        1 + (customer - 1) % 12 as organization,
        issued_at,
        (issued_at at time zone 'UTC')::date + terms as due_date,
        issued_at + (3 + pg_temp.pick(i, 65, 40)) * interval '1 day' as paid_at,
        -- Old invoices are mostly settled, the newest mostly open.
        (case
            when chance < 3 then 'void'
            when age < 30 then (array['draft', 'sent', 'sent', 'sent', 'paid'])[1 + chance % 5]
            when age < 90 then (array['sent', 'paid', 'paid', 'overdue', 'partially_paid'])[1 + chance % 5]
            when chance < 92 then 'paid'
            when chance < 96 then 'partially_paid'
            else 'overdue'
        end)::invoice_status as status
    from (
        select
            invoice_id as i,
            sum(round(quantity * unit_price, 2)) as amount,
            1 + pg_temp.pick(invoice_id, 60, 800) as customer,
            pg_temp.pick(invoice_id, 61, 100) as chance,
            (array[14, 30, 30, 45])[1 + pg_temp.pick(invoice_id, 66, 4)] as terms,
            timestamptz '2024-01-02 07:30+00' + (invoice_id * 910.0 / count(*) over ()) * interval '1 day' as issued_at,
            910 - invoice_id * 910 / count(*) over () as age
        from line_plan
        group by invoice_id
    ) aged
) planned
cross join words w
join organizations o on o.organization_id = pg_temp.id('organization', planned.organization)
order by i;
select setval(pg_get_serial_sequence('invoices', 'invoice_id'), max(invoice_id)) from invoices;

insert into invoice_lines (invoice_id, line_number, description, quantity, unit_price, discount)
select invoice_id, line_number, products[product], quantity, unit_price, discount
from line_plan, words
order by invoice_id, line_number;

insert into payments (payment_id, invoice_id, amount, method, received_at, bank_reference, fee)
select
    pg_temp.id('payment', invoice_id),
    invoice_id,
    amount_paid,
    (array['bank_transfer', 'bank_transfer', 'bank_transfer', 'card', 'direct_debit', 'cash', 'credit_note'])[1 + pg_temp.pick(invoice_id, 70, 7)]::payment_method,
    coalesce(paid_at, issued_at + interval '21 days'),
    case when invoice_id % 5 <> 0 then 'RF' || lpad(pg_temp.pick(invoice_id, 71, 99999999)::text, 8, '0') end,
    case when pg_temp.pick(invoice_id, 70, 7) = 3 then (amount_paid * 0.014)::double precision end
from invoices
where amount_paid > 0
order by invoice_id;

insert into tickets (ticket_id, parent_ticket_id, customer_id, invoice_id, assignee_id, subject, body, status, priority, labels, opened_at, closed_at, time_spent)
select
    t,
    case when t % 6 = 0 then t - 1 - pg_temp.pick(t, 80, 5) end,
    i.customer_id,
    case when t % 4 <> 0 then i.invoice_id end,
    case when t % 8 <> 0 then i.created_by end,
    w.subjects[1 + pg_temp.pick(t, 81, 10)],
    'About ' || i.number || E':\n\n' || w.subjects[1 + pg_temp.pick(t, 81, 10)] || E'\n\nThank you.',
    s.status,
    (array['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + pg_temp.pick(t, 82, 6)]::ticket_priority,
    case when t % 5 = 0 then array['billing'] when t % 7 = 0 then array['billing', 'delivery'] else '{}' end,
    i.issued_at + interval '5 hours',
    case when s.status in ('resolved', 'closed') then i.issued_at + (1 + pg_temp.pick(t, 83, 12)) * interval '1 day' end,
    case when t % 3 <> 0 then (5 + pg_temp.pick(t, 84, 200)) * interval '1 minute' end
from generate_series(1, 600) t
cross join words w
cross join lateral (select (array['open', 'waiting', 'resolved', 'closed', 'closed', 'closed'])[1 + pg_temp.pick(t, 85, 6)]::ticket_status as status) s
join invoices i on i.invoice_id = 1 + (t::bigint * 7919) % (select count(*) from invoices)
order by t;
select setval(pg_get_serial_sequence('tickets', 'ticket_id'), 600);

insert into files (file_id, organization_id, invoice_id, uploaded_by, name, mime_type, size_bytes, sha256, uploaded_at)
select
    pg_temp.id('file', invoice_id), organization_id, invoice_id, created_by,
    number || '.pdf', 'application/pdf', 20000 + pg_temp.pick(invoice_id, 90, 400000),
    sha256(convert_to(number, 'UTF8')), issued_at + interval '1 minute'
from invoices
where invoice_id % 10 = 0
order by invoice_id;

insert into files (file_id, organization_id, ticket_id, name, mime_type, size_bytes, uploaded_at)
select
    pg_temp.id('ticket file', t.ticket_id), c.organization_id, t.ticket_id,
    'photo ' || t.ticket_id || '.jpg', 'image/jpeg', 300000 + pg_temp.pick(t.ticket_id, 91, 4000000), t.opened_at
from tickets t
join customers c using (customer_id)
where t.ticket_id % 5 = 0
order by t.ticket_id;

insert into import_log (happened_at, source, level, message, rows_read, rows_refused, details)
select
    timestamptz '2024-01-02 02:00+00' + i * interval '1 day',
    (array['bank', 'shop', 'warehouse'])[1 + i % 3],
    case when i % 23 = 0 then 'error' when i % 7 = 0 then 'warning' else 'info' end,
    case when i % 23 = 0 then 'The file ended in the middle of a row' when i % 7 = 0 then 'Some rows were refused' else 'Import finished' end,
    pg_temp.pick(i, 95, 900),
    case when i % 7 = 0 then 1 + pg_temp.pick(i, 96, 20) else 0 end,
    case when i % 7 = 0 then json_build_object('file', 'import-' || i || '.csv', 'line', 2 + pg_temp.pick(i, 97, 500)) end
from generate_series(1, 900) i;

drop table line_plan, words;
drop function pg_temp.pick(bigint, bigint, bigint);
drop function pg_temp.id(text, bigint);

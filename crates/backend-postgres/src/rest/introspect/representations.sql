-- Implicit casts by function between a domain and json or text.
SELECT format_type(c.castsource, NULL) AS source,
       format_type(c.casttarget, NULL) AS target,
       c.castfunc::regproc::text AS function
FROM pg_catalog.pg_cast c
JOIN pg_catalog.pg_type s ON s.oid = c.castsource
JOIN pg_catalog.pg_type t ON t.oid = c.casttarget
WHERE c.castcontext = 'i'
  AND c.castmethod = 'f'
  AND has_function_privilege(c.castfunc, 'execute')
  AND ((s.typtype = 'd' AND c.casttarget IN ('json'::regtype, 'text'::regtype))
       OR (t.typtype = 'd' AND c.castsource IN ('json'::regtype, 'text'::regtype)))

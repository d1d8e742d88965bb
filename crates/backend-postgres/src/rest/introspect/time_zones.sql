-- Names that the preference for a time zone may give.
SELECT name FROM pg_catalog.pg_timezone_names

DROP TABLE {schema}.ruptura_passos;

DO $corpo$
BEGIN
    -- Only what the first step made, and only if nobody has put anything into it since.
    IF EXISTS (
        SELECT FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname = {name} AND pg_catalog.obj_description(n.oid, 'pg_namespace') = {mark}
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend WHERE refclassid = 'pg_catalog.pg_namespace'::regclass AND refobjid = n.oid)
    ) THEN
        DROP SCHEMA {schema};
    END IF;
END
$corpo$;

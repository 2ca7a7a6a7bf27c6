--pt O esquema, se ainda não existe (um que já existe precisa só de CREATE para quem roda isto), e o
--pt registro dos passos, pelo qual 'ruptura migrate' reconhece o que é do programa.
--en The schema, unless it is there (one that is needs only CREATE for whoever runs this), and the
--en record of the steps, by which 'ruptura migrate' knows what is the program's.
DO $corpo$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = {name}) THEN
        CREATE SCHEMA {schema};
        COMMENT ON SCHEMA {schema} IS {mark};
    END IF;
END
$corpo$;

CREATE TABLE {schema}.ruptura_passos (
    versao   integer     NOT NULL PRIMARY KEY,
    perfil   text        NOT NULL,
    passo    text        NOT NULL,
    aplicado timestamptz NOT NULL DEFAULT now()
);

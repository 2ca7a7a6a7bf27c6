package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// belowCTE names the relations themselves, and the tables and views that they are made of.
const belowCTE = `WITH RECURSIVE below (oid) AS (
	SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	WHERE n.nspname = $1 AND c.relname IN ('pedidos', 'itens', 'estoque', 'separacoes', 'producao', 'unificacao')
	UNION
	SELECT d.refobjid FROM below AS b
	JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = b.oid
	JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
		AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> b.oid
)
`

// rightsQuery lists the tables that the user may write, whether superuser, and whether in the schema.
const rightsQuery = belowCTE + `SELECT (c.oid::regclass)::text, (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user), n.nspname = $1
FROM below AS b JOIN pg_catalog.pg_class AS c ON c.oid = b.oid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f') AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1`

// Rights looks at what the user may do beyond reading, which is all the program does, except that
// an import loads tables of the schema itself.
func (i *Inspection) Rights(ctx context.Context) ([]doctor.Finding, error) {
	var others, own []string
	var superuser bool
	err := i.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, rightsQuery, i.db.schema)
		if err != nil {
			return err
		}
		var name string
		var inSchema bool
		_, err = pgx.ForEachRow(rows, []any{&name, &superuser, &inSchema}, func() error {
			if inSchema {
				own = append(own, name)
			} else {
				others = append(others, name)
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return rights(others, own, superuser), nil
}

func rights(others, own []string, superuser bool) []doctor.Finding {
	mend := lang.Text{
		PT: "crie um usuário só de leitura para serve e analyze: SELECT basta",
		EN: "make a user that only reads for serve and analyze: SELECT is enough",
	}
	switch {
	case superuser:
		return []doctor.Finding{{Code: "rights.superuser", Level: doctor.Warning, Mend: mend, What: lang.Text{
			PT: "o usuário é superusuário do banco", EN: "the user is a superuser of the database",
		}}}
	case len(others) > 0:
		return []doctor.Finding{{Code: "rights.writes", Level: doctor.Warning, Mend: mend, What: lang.Text{
			PT: "o usuário pode alterar tabelas do ERP: " + strings.Join(others, ", "),
			EN: "the user may change tables of the ERP: " + strings.Join(others, ", "),
		}}}
	case len(own) > 0:
		return []doctor.Finding{{Code: "rights.import", What: lang.Text{
			PT: "o usuário pode alterar as tabelas do programa, como import precisa; para serve e analyze basta SELECT",
			EN: "the user may change the program's tables, as import needs; for serve and analyze SELECT is enough",
		}}}
	}
	return []doctor.Finding{{Code: "rights.reader", What: lang.Text{PT: "o usuário só lê", EN: "the user only reads"}}}
}

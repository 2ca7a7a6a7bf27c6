package postgres

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlanConditions(t *testing.T) {
	for _, c := range []struct {
		name, condition, alias string
		key, always            string
	}{
		{"one", `((m.cod)::text = ANY ($8))`, "m", "cod", ""},
		{"with the view's", `(m.ativo AND (m.n > '0'::numeric) AND (m.cod = ANY ('{A}'::text[])))`, "m", "cod", "ativo AND (n > '0'::numeric)"},
		{"of another table", `((m.cod)::text = g.cod)`, "m", "cod", ""},
		{"a choice", `(((s.cod)::text = ANY ($6)) OR ((s.num)::text = ANY ($1)))`, "s", "", ""},
		{"words and brackets in a text", `((m.x <> ' AND ) '' m.y = $1'::text) AND (m.cod = $1))`, "m", "cod", `(x <> ' AND ) '' m.y = $1'::text)`},
		{"quotes", `(("M s"."Cód" = $1) AND ("M s"."a""b" IS NOT NULL))`, "M s", `"Cód"`, `("a""b" IS NOT NULL)`},
		{"a word of SQL", `(("order".cod)::text = ANY ($1))`, "order", "cod", ""},
		{"what moves", `((m.dia > (CURRENT_DATE - 30)) AND m.ativo)`, "m", "", "ativo"},
		{"converted to a number", `(m.ativo AND (((m.cod)::integer)::text = ANY ($8)))`, "m", "cod", "ativo"},
		{"converted to capitals", `(upper((m.cod)::text) = ($8)::text)`, "m", "cod", ""},
		{"a shorter text", `(((m.cod)::character varying(20))::text = g.cod)`, "m", "cod", ""},
		{"both ways", `((upper((m.cod)::text) = 'A'::text) AND (g.cod = (m.cod)::text))`, "m", "cod", `(upper((cod)::text) = 'A'::text)`},
		{"nothing", "", "m", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &plan{Alias: c.alias, Filter: c.condition}
			if got, direct := keyOf(c.condition, c.alias); got != c.key || direct != (c.key != "" && !strings.HasPrefix(c.name, "converted")) {
				t.Errorf("key %q (direct: %t), want %q", got, direct, c.key)
			}
			if got := p.always(); got != c.always {
				t.Errorf("always %q, want %q", got, c.always)
			}
		})
	}
}

func TestPlainName(t *testing.T) {
	want := map[string]string{"movs": "movs", "order": `"order"`, "Movs": `"Movs"`, "9": `"9"`, "a_9": "a_9", `a"b`: `"a""b"`, "ação": `"ação"`}
	got := map[string]string{}
	for name := range want {
		got[name] = plainName(name)
		if back := unquoted(got[name]); back != name {
			t.Errorf("%s comes back as %s", name, back)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

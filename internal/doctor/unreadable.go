package doctor

import (
	"errors"
	"strings"

	"ruptura/internal/dataset"
	"ruptura/internal/lang"
)

// ColumnsError lists the columns of a relation that cannot be read. It is an error.
type ColumnsError []UnreadableColumn

// UnreadableColumn is a column and why it cannot be read.
type UnreadableColumn struct {
	Name string
	Err  error
}

// Error names the columns and the reasons.
func (u ColumnsError) Error() string {
	all := make([]string, len(u))
	for i, c := range u {
		all[i] = c.Name + ": " + c.Err.Error()
	}
	return "doctor: cannot be read: " + strings.Join(all, "; ")
}

// unreadable notes what of a relation cannot be read, so that nothing more is asked of it.
func (a *asking) unreadable(failed *reasons, r dataset.Relation, err error) {
	columns, ok := errors.AsType[ColumnsError](err)
	if !ok {
		a.o.Unusable[r.String()] = true
		failed.add(err, r.String())
		return
	}
	for _, c := range columns {
		name := r.String() + "." + c.Name
		a.o.Unusable[name] = true
		failed.add(c.Err, name)
	}
}

// reasons are why things fail, each told once with all that it concerns.
type reasons []reason

type reason struct {
	why  lang.Text
	late bool
	of   []string
}

func (r *reasons) add(err error, of string) {
	why := Words(err)
	for i := range *r {
		if (*r)[i].why == why {
			(*r)[i].of = append((*r)[i].of, of)
			return
		}
	}
	*r = append(*r, reason{why, late(err), []string{of}})
}

// findings are problems: what doctor cannot read, no analysis can.
func (r *reasons) findings() []Finding {
	var all []Finding
	for _, one := range *r {
		list := strings.Join(one.of, ", ")
		f := Finding{Code: "data.unreadable", Level: Problem, What: lang.Text{
			PT: "não foi possível ler " + list + ": " + one.why.PT, EN: "could not read " + list + ": " + one.why.EN,
		}, Mend: lang.Text{
			PT: "corrija a visão, ou o valor na tabela de origem: sem isso as análises que o leem falham",
			EN: "correct the view, or the value in the table below it: until then analyses that read it fail",
		}}
		if one.late {
			f.Mend = lang.Text{
				PT: "veja se outro programa bloqueia a tabela; se ela é só grande, aumente --db-timeout",
				EN: "see whether another program locks the table; if it is merely large, raise --db-timeout",
			}
		}
		all = append(all, f)
	}
	return all
}

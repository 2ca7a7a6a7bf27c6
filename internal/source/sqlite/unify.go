package sqlite

import (
	"zombiezen.com/go/sqlite"

	"ruptura/internal/atp"
)

// unify touches the products asked for by name and everything that is unified, over however many
// steps, with a product touched so far, and keeps the pairs among them.
func (r *reading) unify(asked []atp.ProductCode) error {
	for _, code := range asked {
		r.touch([]byte(code))
	}
	switch {
	case len(r.codes) == 0 || r.sizes.unifications == 0:
		return nil
	case worthScanning(len(r.codes), r.sizes.unifications):
		return r.unifyByScan()
	}
	return r.unifyBySeek()
}

func (r *reading) unifyByScan() error {
	var pairs []atp.Unification
	next := make(map[string][]string)
	err := r.scan(`SELECT codigo_origem, codigo_destino FROM unificacao`, func(stmt *sqlite.Stmt) {
		from, to := r.text(stmt, 0), r.text(stmt, 1)
		pairs = append(pairs, atp.Unification{From: atp.ProductCode(from), To: atp.ProductCode(to)})
		next[from] = append(next[from], to)
		next[to] = append(next[to], from)
	})
	for i := 0; i < len(r.codes); i++ { //nolint:intrange // the list grows under way
		for _, code := range next[r.codes[i]] {
			r.touch([]byte(code))
		}
	}
	for _, pair := range pairs {
		if _, ok := r.products[string(pair.From)]; ok {
			r.snap.Unifications = append(r.snap.Unifications, pair)
		}
	}
	return err
}

// unifyBySeek looks up each code touched, new ones included, until nothing new comes. A pair is
// kept when it is met from its first code, so once.
func (r *reading) unifyBySeek() error {
	for done := 0; done < len(r.codes); {
		round := r.codes[done:]
		done = len(r.codes)
		err := r.seek(`SELECT codigo_origem, codigo_destino FROM unificacao WHERE codigo_origem = ?1`, round, func(stmt *sqlite.Stmt) {
			from := r.touch(r.bytes(stmt, 0))
			r.snap.Unifications = append(r.snap.Unifications, atp.Unification{From: from.code, To: r.touch(r.bytes(stmt, 1)).code})
		})
		if err != nil {
			return err
		}
		err = r.seek(`SELECT codigo_origem FROM unificacao WHERE codigo_destino = ?1`, round, func(stmt *sqlite.Stmt) {
			r.touch(r.bytes(stmt, 0))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

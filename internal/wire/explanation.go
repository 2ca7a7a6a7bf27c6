package wire

import (
	"ruptura/internal/atp"
	"ruptura/internal/reason"
)

// explanation writes why line i is short.
func (w *itemWriter) explanation(b []byte, i int) []byte {
	e := w.answer.Explanations[i]
	o := openObject(b)
	o.promise("dia_critico", e.Critical)
	o.quantity("estoque", e.OnHand)
	o.name("saidas")
	o.b = appendList(o.b, e.Claims, appendClaim)
	o.name("saidas_mais")
	o.b = appendMore(o.b, e)
	o.name("entradas")
	o.b = appendList(o.b, e.Inflows, appendInflow)
	o.quantity("disponivel", e.Available)
	o.quantity("linhas_anteriores", e.Before)
	o.quantity("necessario", e.Needed)
	o.quantity("falta", e.Missing)
	o.name("resolve")
	o.b = appendResolution(o.b, e)
	o.string("frase", reason.Sentence(w.form.Lang, w.answer.Situation(i)))
	return o.close()
}

// Situation is what the sentence about line i, which must be explained, is made of.
func (a *Answer) Situation(i int) reason.Situation {
	l := &a.Lines[i]
	s := reason.Situation{
		Explanation: a.Explanations[i], Mode: a.mode(), Planned: l.Next.Quantity > 0, Overdue: l.Overdue, Today: a.Today,
	}
	if a.Contest != nil {
		s.Policy = a.Contest.Policy
	}
	return s
}

func appendClaim(b []byte, c atp.Claim) []byte {
	o := openObject(b)
	if c.Reserved {
		o.string("tipo", "separacao")
	} else {
		o.string("tipo", "pedido")
	}
	o.string("num_pedido", string(c.Order))
	if c.Reserved {
		o.string("lote", c.Lot)
	}
	o.known("cliente", c.Client)
	o.promise("data", c.On)
	o.quantity("qtd", c.Quantity)
	return o.close()
}

func appendMore(b []byte, e *atp.Explanation) []byte {
	o := openObject(b)
	o.int("quantos", e.MoreClaims)
	o.quantity("qtd", e.MoreQuantity)
	return o.close()
}

func appendInflow(b []byte, in atp.Inflow) []byte {
	o := openObject(b)
	o.day("data", in.Arrives)
	o.quantity("qtd", in.Quantity)
	o.day("libera", in.Ready)
	return o.close()
}

// appendResolution writes when the line is served and by which receipt, or null.
func appendResolution(b []byte, e *atp.Explanation) []byte {
	if !e.Resolved.InSight() {
		return append(b, "null"...)
	}
	o := openObject(b)
	o.promise("data", e.Resolved)
	o.day("entrada", e.By.Arrives)
	return o.close()
}

// known writes a text, or null for none.
func (o *object) known(name, text string) {
	if text == "" {
		o.null(name)
		return
	}
	o.string(name, text)
}

package wire

import (
	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// Detail is how much a result tells.
type Detail uint8

// The details, each telling what the one before it does.
const (
	// Summary leaves the lines out (resumo).
	Summary Detail = iota
	// Items has every line (itens).
	Items
	// Explained says of each short line why it is short (explicacao).
	Explained
)

var detailNames = [...]string{"resumo", "itens", "explicacao"}

// String is the detail's wire name.
func (d Detail) String() string { return detailNames[d] }

// ParseDetail reads a wire name.
func ParseDetail(name string) (Detail, bool) {
	for i, known := range detailNames {
		if name == known {
			return Detail(i), true
		}
	}
	return Summary, false
}

// Items reports whether results carry their lines.
func (d Detail) Items() bool { return d >= Items }

// Explained reports whether they say why a line is short.
func (d Detail) Explained() bool { return d >= Explained }

// Form is how results are written.
type Form struct {
	Detail Detail
	// Lang is that of the sentences in explanations.
	Lang lang.Lang
}

// Answer is the result of one order and what is told beside it.
type Answer struct {
	atp.Result
	// Today is the day that the answer is for.
	Today atp.Day
	// Contest is how the order fares among all others, nil where it was looked at alone.
	Contest *Contest
	// Explanations say why each short line is short, one for each line and nil for the others. They are needed
	// only where the form asks for them.
	Explanations []*atp.Explanation
}

// Contest is what is told of an order when all compete.
type Contest struct {
	Policy atp.Policy
	// Rank is the order's place in the sequence in which all are served, from 1, and Of how many there are.
	Rank, Of int
	// Alone is the order's answer when it is looked at alone. Of its lines nothing is told.
	Alone atp.Result
	// Cause is what makes the answer worse than Alone, if Worse.
	Cause atp.Cause
	Worse bool
}

// Contested reports whether the order is fine alone and short among all others.
func (a *Answer) Contested() bool {
	return a.Contest != nil && a.Contest.Alone.Short == 0 && a.Short > 0
}

// mode is how the answer was made.
func (a *Answer) mode() atp.Mode {
	if a.Contest == nil {
		return atp.Alone
	}
	return atp.Together
}

// append adds to a summary what is told of a contest.
func (c *Contest) append(o *object) {
	o.int("prioridade", c.Rank)
	o.int("prioridade_de", c.Of)
	o.name("isolado")
	o.b = c.appendAlone(o.b)
	o.name("causa")
	o.b = c.appendCause(o.b)
}

func (c *Contest) appendAlone(b []byte) []byte {
	o := openObject(b)
	o.bool("pedido_ok", c.Alone.Short == 0)
	o.criticality(c.Alone.Criticality)
	o.int("percentual_disponibilidade", c.Alone.PercentAvailable)
	o.promise("data_disponibilidade_total", c.Alone.Whole)
	o.money("valor_com_ruptura", c.Alone.ShortValue.Money())
	o.onTime(c.Alone.Punctuality)
	return o.close()
}

func (c *Contest) appendCause(b []byte) []byte {
	if !c.Worse {
		return append(b, "null"...)
	}
	o := openObject(b)
	o.string("num_pedido", string(c.Cause.Order))
	o.known("cliente", c.Cause.Client)
	o.quantity("qtd", c.Cause.Quantity)
	o.string("cod_produto", string(c.Cause.Line.Key.Product))
	o.string("nome_produto", c.Cause.Line.Name)
	return o.close()
}

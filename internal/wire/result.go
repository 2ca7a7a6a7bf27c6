package wire

import (
	"time"

	"ruptura/internal/atp"
)

// Reading tells how fresh and how quick an answer is.
type Reading struct {
	// At is the instant at which the data was read.
	At time.Time
	// Query is how long reading took, Total reading and calculating.
	Query, Total time.Duration
	// Cached tells that the answer was not made for this request.
	Cached bool
}

// AppendResult appends the result object of one order, in the form asked for.
func AppendResult(b []byte, a *Answer, form Form, reading Reading) []byte {
	return appendResult(b, a, form, reading, new(stamp).of(reading.At))
}

func appendResult(b []byte, a *Answer, form Form, reading Reading, readAt []byte) []byte {
	r := &a.Result
	o := openObject(b)
	o.bool("success", true)
	o.string("num_pedido", string(r.Order))
	o.bool("pedido_ok", r.Short == 0)
	o.string("modo", a.mode().String())
	if a.Contest != nil {
		o.string("politica", a.Contest.Policy.String())
	}
	o.int("percentual_disponibilidade", r.PercentAvailable)
	o.promise("data_disponibilidade_total", r.Whole)
	o.name("resumo")
	o.b = appendSummary(o.b, a)
	if form.Detail.Items() {
		w := itemWriter{answer: a, form: form}
		o.name("itens")
		o.b = w.items(o.b, true)
		o.name("itens_disponiveis")
		o.b = w.items(o.b, false)
	}
	o.text("posicao_em", readAt)
	o.millis("query_ms", reading.Query)
	o.millis("performance_ms", reading.Total)
	o.bool("sem_cache", !reading.Cached)
	return o.close()
}

// AppendFailure appends the result object of an order that could not be analysed; message is in
// the language of the request.
func AppendFailure(b []byte, n atp.OrderNumber, message string) []byte {
	o := openObject(b)
	o.bool("success", false)
	o.string("num_pedido", string(n))
	o.string("error", message)
	return o.close()
}

func appendSummary(b []byte, a *Answer) []byte {
	r := &a.Result
	o := openObject(b)
	o.string("num_pedido", string(r.Order))
	o.criticality(r.Criticality)
	o.percent("percentual_ruptura", r.PercentShort)
	o.int("percentual_disponibilidade", r.PercentAvailable)
	o.int("percentual_atendivel", r.PercentServable)
	o.int("percentual_itens_disponiveis", r.PercentLines)
	o.int("qtd_itens_ruptura", r.Short)
	o.int("qtd_itens_disponiveis", r.Available)
	o.int("total_itens", len(r.Lines))
	o.money("valor_total_pedido", r.Value.Money())
	o.money("valor_disponivel", r.AvailableValue.Money())
	o.money("valor_com_ruptura", r.ShortValue.Money())
	o.promise("data_disponibilidade_total", r.Whole)
	o.day("data_necessidade", r.Need)
	o.onTime(r.Punctuality)
	if r.DaysLate > 0 {
		o.int("dias_atraso", r.DaysLate)
	} else {
		o.null("dias_atraso")
	}
	if a.Contest != nil {
		a.Contest.append(&o)
	}
	return o.close()
}

// criticality writes the degree, or null when nothing is short.
func (o *object) criticality(c atp.Criticality) {
	if c == atp.NotShort {
		o.null("criticidade")
		return
	}
	o.string("criticidade", c.String())
}

// onTime writes whether the order can ship by its need date, or null when it has none.
func (o *object) onTime(p atp.Punctuality) {
	if p == atp.NoNeed {
		o.null("no_prazo")
		return
	}
	o.bool("no_prazo", p == atp.OnTime)
}

// itemWriter writes the lines of an answer.
type itemWriter struct {
	answer *Answer
	form   Form
}

// items lists the short lines, or the others.
func (w *itemWriter) items(b []byte, short bool) []byte {
	b = append(b, '[')
	first := true
	for i := range w.answer.Lines {
		if w.answer.Lines[i].Short != short {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		if short {
			b = w.short(b, i)
		} else {
			b = w.available(b, i)
		}
	}
	return append(b, ']')
}

func (w *itemWriter) short(b []byte, i int) []byte {
	l := &w.answer.Lines[i]
	o := openItem(b, l)
	o.quantity("qtd_disponivel", l.Shippable)
	o.quantity("ruptura_qtd", l.Shortage)
	o.day("data_producao", l.Next.Arrives)
	o.quantity("qtd_producao", l.Next.Quantity)
	o.promise("data_disponivel", l.AvailableOn)
	if l.Overdue > 0 {
		o.quantity("producao_atrasada", l.Overdue)
	}
	appendPrice(&o, l)
	w.shipments(&o, l)
	if w.form.Detail.Explained() && w.answer.Explanations[i] != nil {
		o.name("explicacao")
		o.b = w.explanation(o.b, i)
	}
	return o.close()
}

func (w *itemWriter) available(b []byte, i int) []byte {
	l := &w.answer.Lines[i]
	o := openItem(b, l)
	appendPrice(&o, l)
	w.shipments(&o, l)
	if l.Waits {
		o.bool("aguarda_pedido", true)
	}
	return o.close()
}

// shipments lists the parts in which a line ships, where it may ship in parts.
func (w *itemWriter) shipments(o *object, l *atp.LineResult) {
	if c := w.answer.Contest; c == nil || c.Policy != atp.Parts {
		return
	}
	o.name("entregas")
	o.b = appendList(o.b, l.Shipments, func(b []byte, s atp.Shipment) []byte {
		o := openObject(b)
		o.promise("data", s.On)
		o.quantity("qtd", s.Quantity)
		return o.close()
	})
}

func openItem(b []byte, l *atp.LineResult) object {
	o := openObject(b)
	o.string("cod_produto", string(l.Key.Product))
	o.string("nome_produto", l.Name)
	o.quantity("qtd_saldo", l.Open)
	o.quantity("estoque_atual", l.OnHand)
	o.quantity("estoque_min_d7", l.Lowest)
	return o
}

func appendPrice(o *object, l *atp.LineResult) {
	if l.Priced {
		o.money("preco_unitario", l.Price)
	} else {
		o.null("preco_unitario")
	}
	o.money("valor_total", l.Value.Money())
}

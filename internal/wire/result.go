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

// Isolated is the mode in which each order is looked at alone.
const Isolated = "isolado"

// AppendResult appends the result object of one order. Without items it leaves out the lines
// and keeps the summary.
func AppendResult(b []byte, r *atp.Result, items bool, reading Reading) []byte {
	return appendResult(b, r, items, reading, new(stamp).of(reading.At))
}

func appendResult(b []byte, r *atp.Result, items bool, reading Reading, readAt []byte) []byte {
	o := openObject(b)
	o.bool("success", true)
	o.string("num_pedido", string(r.Order))
	o.bool("pedido_ok", r.Short == 0)
	o.string("modo", Isolated)
	o.int("percentual_disponibilidade", r.PercentAvailable)
	o.promise("data_disponibilidade_total", r.Whole)
	o.name("resumo")
	o.b = appendSummary(o.b, r)
	if items {
		o.name("itens")
		o.b = appendItems(o.b, r.Lines, true, appendShortItem)
		o.name("itens_disponiveis")
		o.b = appendItems(o.b, r.Lines, false, appendAvailableItem)
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

func appendSummary(b []byte, r *atp.Result) []byte {
	o := openObject(b)
	o.string("num_pedido", string(r.Order))
	if r.Criticality == atp.NotShort {
		o.null("criticidade")
	} else {
		o.string("criticidade", r.Criticality.String())
	}
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
	appendPunctuality(&o, r)
	return o.close()
}

func appendPunctuality(o *object, r *atp.Result) {
	if r.Punctuality == atp.NoNeed {
		o.null("no_prazo")
	} else {
		o.bool("no_prazo", r.Punctuality == atp.OnTime)
	}
	if r.DaysLate > 0 {
		o.int("dias_atraso", r.DaysLate)
	} else {
		o.null("dias_atraso")
	}
}

func appendItems(b []byte, lines []atp.LineResult, short bool, item func([]byte, *atp.LineResult) []byte) []byte {
	b = append(b, '[')
	first := true
	for i := range lines {
		if lines[i].Short != short {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = item(b, &lines[i])
	}
	return append(b, ']')
}

func appendShortItem(b []byte, l *atp.LineResult) []byte {
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
	return o.close()
}

func appendAvailableItem(b []byte, l *atp.LineResult) []byte {
	o := openItem(b, l)
	appendPrice(&o, l)
	return o.close()
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

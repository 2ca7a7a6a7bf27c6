package wire

import (
	"time"

	"ruptura/internal/atp"
)

// AppendProjection appends a product's projection. With reservations, each day lists those behind
// what leaves.
func AppendProjection(b []byte, p *atp.Projection, reservations bool, readAt time.Time) []byte {
	o := openObject(b)
	o.bool("success", true)
	o.string("cod_produto", string(p.Product))
	o.name("codigos_unificados")
	o.b = appendList(o.b, p.Codes, func(b []byte, c atp.ProductCode) []byte { return AppendString(b, string(c)) })
	o.quantity("estoque_atual", p.OnHand)
	o.name("dias")
	o.b = appendList(o.b, p.Days, func(b []byte, d atp.ProjectedDay) []byte { return appendDay(b, d, reservations) })
	o.day("primeiro_dia_negativo", p.FirstNegative)
	o.name("menor_saldo")
	o.b = appendBalance(o.b, p.Lowest)
	o.name("maior_saldo")
	o.b = appendBalance(o.b, p.Highest)
	o.quantity("total_saidas", p.Out)
	o.quantity("total_entradas", p.In)
	o.quantity("separacoes_atrasadas", p.OverdueOut)
	o.quantity("producao_atrasada", p.OverdueIn)
	o.instant("posicao_em", readAt)
	return o.close()
}

func appendDay(b []byte, d atp.ProjectedDay, reservations bool) []byte {
	o := openObject(b)
	o.day("data", d.Day)
	o.quantity("saldo_inicial", d.Opening)
	o.quantity("saidas", d.Out)
	o.quantity("saldo", d.Balance)
	o.quantity("entradas", d.In)
	o.quantity("saldo_final", d.Closing)
	o.quantity("disponivel", d.Shippable)
	o.bool("negativo", d.Negative())
	if reservations {
		o.name("separacoes")
		o.b = appendList(o.b, d.Reservations, appendReservation)
	}
	return o.close()
}

func appendReservation(b []byte, r atp.Reservation) []byte {
	o := openObject(b)
	o.string("num_pedido", string(r.Order))
	o.string("lote", r.Lot)
	o.string("cod_produto", string(r.Key.Product))
	o.day("expedicao", r.Ships)
	o.quantity("qtd", r.Quantity)
	return o.close()
}

func appendBalance(b []byte, d atp.ProjectedDay) []byte {
	o := openObject(b)
	o.day("data", d.Day)
	o.quantity("saldo_final", d.Closing)
	return o.close()
}

func appendList[T any](b []byte, list []T, item func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, list[i])
	}
	return append(b, ']')
}

package legacytest

import (
	"context"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// noiseEvery says after how many rows of a table come some that must not count; the first row has
// them too, so that the smallest data does.
const noiseEvery = 97

// unwanted is the quantity of rows that must not count: seen anywhere, it gives them away.
const unwanted atp.Quantity = 777_777

// writer turns rows of the six relations into rows of the ERP's tables.
type writer struct {
	lines, movements, reservations, receipts, unifications *table

	// An order's header stands on each of its lines, so both wait for all to be there.
	headers map[atp.OrderNumber]dataset.Order
	items   []dataset.Item
	pairs   map[[2]int64]bool // that are written
}

func newWriter(ctx context.Context, tx pgx.Tx) *writer {
	into := func(name string, columns ...string) *table {
		return &table{ctx: ctx, tx: tx, name: name, columns: columns}
	}
	return &writer{
		lines: into("carteira_principal", "num_pedido", "cod_produto", "nome_produto", "qtd_saldo_produto_pedido",
			"preco_produto_pedido", "ativo", "importante", "raz_social_red", "cnpj_cpf", "municipio", "estado", "vendedor",
			"data_pedido", "data_entrega_pedido", "observ_ped_1"),
		movements: into("movimentacao_estoque", "cod_produto", "nome_produto", "data_movimentacao", "tipo_movimentacao",
			"local_movimentacao", "qtd_movimentacao", "status_nf", "ativo"),
		reservations: into("separacao", "separacao_lote_id", "num_pedido", "cod_produto", "qtd_saldo", "expedicao",
			"sincronizado_nf", "status"),
		receipts:     into("programacao_producao", "cod_produto", "data_programacao", "qtd_programada", "linha_producao"),
		unifications: into("unificacao_codigos", "codigo_origem", "codigo_destino", "ativo"),
		headers:      map[atp.OrderNumber]dataset.Order{},
		pairs:        map[[2]int64]bool{},
	}
}

// Order implements dataset.Writer.
func (w *writer) Order(o dataset.Order) error {
	w.headers[o.Number] = o
	return nil
}

// Item implements dataset.Writer.
func (w *writer) Item(i dataset.Item) error {
	w.items = append(w.items, i)
	return nil
}

// line writes an order line; its id, which becomes its line number, is its place in the sequence.
func (w *writer) line(i dataset.Item, active any) error {
	o := w.headers[i.Order]
	var price any
	if i.Priced {
		price = fixed(int64(i.Price), 2)
	}
	return w.lines.add(string(i.Order), string(i.Product), i.Name, fixed(int64(i.Open), 3), price, active, o.Important,
		text(o.Client), o.TaxID, o.City, text(o.UF), text(o.Salesperson), date(o.Ordered), date(o.Requested), text(o.Note))
}

// Movement implements dataset.Writer. Movements of stock that count have an invoice in some state,
// or none.
func (w *writer) Movement(m dataset.Movement) error {
	n := w.movements.written
	var status any
	if n%2 == 0 {
		status = "FATURADO"
	}
	if n%noiseEvery == 0 {
		no := m
		no.Quantity = unwanted
		if err := first(w.movement(no, status, false), w.movement(no, status, nil), w.movement(no, "CANCELADO", true)); err != nil {
			return err
		}
	}
	return w.movement(m, status, true)()
}

func (w *writer) movement(m dataset.Movement, status, active any) func() error {
	kind := "ENTRADA"
	if m.Quantity < 0 {
		kind = "SAIDA"
	}
	moved := m.Date
	if !moved.Known() {
		moved = atp.NewDay(2000, 1, 1) // the ERP has no movement without a date
	}
	return func() error {
		return w.movements.add(string(m.Product), "PRODUTO "+string(m.Product), date(moved), kind, m.Place,
			fixed(int64(m.Quantity), 3), status, active)
	}
}

// Reservation implements dataset.Writer. Those that are not invoiced say so by false or by null.
func (w *writer) Reservation(r dataset.Reservation) error {
	n := w.reservations.written
	var invoiced any
	if n%2 == 0 {
		invoiced = false
	}
	if n%noiseEvery == 0 {
		no := r
		no.Quantity = unwanted
		if err := w.reservation(no, true, "FATURADO"); err != nil {
			return err
		}
	}
	return w.reservation(r, invoiced, [...]string{"ABERTO", "COTADO", "PREVISAO"}[n%3])
}

func (w *writer) reservation(r dataset.Reservation, invoiced any, status string) error {
	return w.reservations.add(text(r.Lot), string(r.Order), string(r.Product), w.reservations.float(r.Quantity),
		date(r.Ships), invoiced, status)
}

// Receipt implements dataset.Writer.
func (w *writer) Receipt(r dataset.Receipt) error {
	if !r.Arrives.Known() {
		return fmt.Errorf("a receipt of %q has no date, which these tables cannot hold", r.Product)
	}
	return w.receipts.add(string(r.Product), date(r.Arrives), w.receipts.float(r.Quantity), text(r.Line))
}

// Unification implements dataset.Writer. A pair of codes that are the same number is a pair of
// numbers too.
func (w *writer) Unification(u dataset.Unification) error {
	from, okFrom := number(u.From)
	to, okTo := number(u.To)
	if !okFrom || !okTo {
		return fmt.Errorf("%q and %q are unified, and these tables hold integers only", u.From, u.To)
	}
	if pair := [2]int64{from, to}; !w.pairs[pair] {
		w.pairs[pair] = true
		return w.unifications.add(from, to, true)
	}
	return nil
}

// flush writes what is left.
func (w *writer) flush() error {
	for n, i := range w.items {
		if err := w.line(i, true); err != nil {
			return err
		}
		if n%noiseEvery != 0 {
			continue
		}
		for code, active := range map[atp.ProductCode]any{"INATIVO": false, "SEM MARCA": nil} {
			no := i
			no.Product, no.Open = code, unwanted
			if err := w.line(no, active); err != nil {
				return err
			}
		}
	}
	return first(w.lines.flush, w.movements.flush, w.reservations.flush, w.receipts.flush, w.unifications.flush)
}

// number is the integer that a code made of digits only stands for.
func number(code atp.ProductCode) (int64, bool) {
	n, err := strconv.ParseUint(string(code), 10, 31) // the column is an integer of 32 bits
	return int64(n), err == nil
}

// fixed is an exact decimal.
func fixed(n int64, decimals int32) pgtype.Numeric {
	return pgtype.Numeric{Int: big.NewInt(n), Exp: -decimals, Valid: true}
}

// text is null where nothing is known.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func date(d atp.Day) any {
	if !d.Known() {
		return nil
	}
	return d.Time().In(time.UTC)
}

func first(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

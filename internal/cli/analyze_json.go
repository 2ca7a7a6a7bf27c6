package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/wire"
)

// jsonOutput writes one object as the answers come: the API's result objects and the totals.
type jsonOutput struct {
	w     io.Writer
	buf   *bufio.Writer
	form  wire.Form
	rules rules
	today atp.Day
	row   []byte
}

func (o *jsonOutput) result(r *wire.Answer, _ string, b *analysis.Book, calculation time.Duration) error {
	o.row = wire.AppendResult(o.row[:0], r, o.form, b.Reading(calculation))
	return o.write()
}

func (o *jsonOutput) failure(n atp.OrderNumber, why string) error {
	o.row = wire.AppendFailure(o.row[:0], n, why)
	return o.write()
}

// write puts the row into the list, one to a line.
func (o *jsonOutput) write() error {
	before := ",\n"
	if o.buf == nil {
		before = o.open()
	}
	_, _ = o.buf.WriteString(before) // its error comes again with the next write
	_, err := o.buf.Write(o.row)
	return err
}

func (o *jsonOutput) open() string {
	o.buf = bufio.NewWriter(o.w)
	return "{\"resultados\":[\n"
}

// jsonTotals has the names of the wire.
type jsonTotals struct {
	Orders    int            `json:"total_pedidos"`
	Failed    int            `json:"com_erro"`
	Whole     int            `json:"pedidos_ok"`
	Short     int            `json:"pedidos_em_ruptura"`
	Degrees   map[string]int `json:"criticidade"`
	Late      int            `json:"pedidos_fora_do_prazo"`
	Value     json.Number    `json:"valor_total_pedido"`
	Available json.Number    `json:"valor_disponivel"`
	AtRisk    json.Number    `json:"valor_com_ruptura"`
	Contest   *jsonContest   `json:"isolado,omitempty"`
	Products  []jsonProduct  `json:"produtos_em_ruptura"`
}

// jsonContest is what the same orders come to when each is looked at alone.
type jsonContest struct {
	Whole     int `json:"pedidos_ok"`
	Short     int `json:"pedidos_em_ruptura"`
	Contested int `json:"pedidos_em_disputa"`
}

type jsonProduct struct {
	Code     atp.ProductCode `json:"cod_produto"`
	Name     string          `json:"nome_produto"`
	Orders   int             `json:"pedidos"`
	Shortage json.Number     `json:"ruptura_qtd"`
	Value    json.Number     `json:"valor"`
}

func (o *jsonOutput) end(t *totals, took time.Duration) error {
	before := "\n],\n"
	if o.buf == nil {
		before = o.open() + "],\n"
	}
	sums := jsonTotals{
		Orders: t.orders + t.failed, Failed: t.failed, Whole: t.whole, Short: t.orders - t.whole, Late: t.late,
		Degrees: map[string]int{}, Products: []jsonProduct{},
		Value:     json.Number(t.value.String()),
		Available: json.Number(t.available.String()),
		AtRisk:    json.Number(t.atRisk.String()),
	}
	if o.rules.mode == atp.Together {
		sums.Contest = &jsonContest{t.wholeAlone, t.orders - t.wholeAlone, t.contested}
	}
	for c := atp.Low; c <= atp.Critical; c++ {
		sums.Degrees[c.String()] = t.degrees[c]
	}
	for _, p := range t.top(len(t.products)) {
		sums.Products = append(sums.Products, jsonProduct{p.code, p.name, p.orders,
			json.Number(p.shortage.String()), json.Number(p.value.String())})
	}
	text, err := json.Marshal(sums)
	if err != nil {
		return err
	}
	policy := ""
	if o.rules.mode == atp.Together {
		policy = fmt.Sprintf("\"politica\":%q,", o.rules.policy)
	}
	fmt.Fprintf(o.buf, "%s\"totais\":%s,\n\"modo\":%q,%s\"hoje\":%q,\"duracao_ms\":%d}\n",
		before, text, o.rules.mode, policy, o.today, took.Milliseconds())
	return o.buf.Flush()
}

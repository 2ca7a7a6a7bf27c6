package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"

	"ruptura/internal/atp"
	"ruptura/internal/bookquery"
	"ruptura/internal/source"
)

// ordersAnswer is a page of the order book.
type ordersAnswer struct {
	Orders []orderJSON `json:"pedidos"`
	Next   *string     `json:"proximo"`
	Total  int         `json:"total"`
}

type orderJSON struct {
	Number      atp.OrderNumber `json:"num_pedido"`
	Client      string          `json:"cliente"`
	TaxID       string          `json:"cnpj"`
	City        string          `json:"cidade"`
	UF          string          `json:"uf"`
	Salesperson string          `json:"vendedor"`
	Ordered     *string         `json:"data_pedido"`
	Need        *string         `json:"data_necessidade"`
	Items       int             `json:"itens"`
	Value       json.RawMessage `json:"valor_total"`
	Important   bool            `json:"importante"`
	Note        string          `json:"observacao"`
}

// orders is GET /api/carteira/pedidos.
func (s *server) orders(w http.ResponseWriter, r *http.Request) error {
	q, wrong := bookquery.Parse(r.URL.Query())
	if len(wrong) > 0 {
		return invalid(wrong...)
	}
	q.StaleBefore = s.Params(s.Now()).StaleBefore()
	ctx, cancel := withSourceTimeout(r.Context())
	defer cancel()
	page, err := bookquery.Page(ctx, s.Source, q, s.Rank)
	if err != nil {
		return fmt.Errorf("list the order book: %w", err)
	}
	a := ordersAnswer{Orders: make([]orderJSON, len(page.Orders)), Total: page.Total}
	for i := range page.Orders {
		a.Orders[i] = orderOut(&page.Orders[i])
	}
	if page.Next != "" {
		a.Next = &page.Next
	}
	b, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode the order book: %w", err)
	}
	return sendJSON(w, r, http.StatusOK, b)
}

func orderOut(o *source.BookOrder) orderJSON {
	return orderJSON{
		Number: o.Number, Client: o.Client, TaxID: o.TaxID, City: o.City, UF: o.UF, Salesperson: o.Salesperson,
		Ordered: dayOut(o.Ordered), Need: dayOut(o.Need), Items: o.Items, Value: o.Value.Append(nil),
		Important: o.Important, Note: o.Note,
	}
}

func dayOut(d atp.Day) *string {
	if !d.Known() {
		return nil
	}
	text := d.String()
	return &text
}

// openAPI is GET /openapi.json.
func (s *server) openAPI(w http.ResponseWriter, r *http.Request) {
	_ = sendJSON(w, r, http.StatusOK, OpenAPI())
}

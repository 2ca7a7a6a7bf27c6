package web

import (
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/session"
)

// earlySession matches the ID that the page's analysis will have.
var earlySession = regexp.MustCompile(`<script [^>]*data-ruptura-sessao="([^"]*)"`)

func TestEachPageHasASessionOfItsOwn(t *testing.T) {
	server := newPage(t, &fakeSource{orders: someOrders(4)}, "")
	seen := map[string]bool{}
	for range 3 {
		found := earlySession.FindStringSubmatch(body(t, get(server, "/carteira")))
		if found == nil {
			t.Fatal("no session")
		}
		if _, ok := session.ParseID(found[1]); !ok || seen[found[1]] {
			t.Errorf("the session is %q", found[1])
		}
		seen[found[1]] = true
	}
}

// earlyBody matches the request that the page's first script sends.
var earlyBody = regexp.MustCompile(`<script [^>]*data-ruptura-corpo="([^"]*)"`)

func TestPageCarriesTheRequestThatBeginsItsAnalysis(t *testing.T) {
	orders := someOrders(4)
	hostile := `"><script>alert('</script>')`
	orders[1].Number, orders[2].Number = atp.OrderNumber(hostile), "  "
	page := body(t, get(newPage(t, &fakeSource{orders: orders}, "/base"), "/carteira?uf=SP&importante=true"))
	found := earlyBody.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("no request")
	}
	var got struct {
		Filter map[string]any `json:"filtro"`
		First  []string       `json:"primeiro"`
		Mode   *string        `json:"modo"`
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &got); err != nil {
		t.Fatal(err)
	}
	if want := []string{string(orders[0].Number), hostile, string(orders[3].Number)}; !slices.Equal(got.First, want) {
		t.Errorf("first %q, want %q", got.First, want)
	}
	if got.Filter["uf"] != "SP" || got.Filter["importante"] != true || len(got.Filter) != 2 || got.Mode != nil {
		t.Errorf("filter %v, mode %v", got.Filter, got.Mode)
	}
}

func TestPageWithoutRowsBeginsNoAnalysis(t *testing.T) {
	if page := body(t, get(newPage(t, &fakeSource{}, ""), "/carteira")); earlyBody.MatchString(page) {
		t.Error("there is nothing to analyse")
	}
}

func TestEarlyRequestNamesAnUnusualMode(t *testing.T) {
	for how, want := range map[manner]string{
		{}: `{"filtro":{},"primeiro":["A"]}`, {mode: "isolado"}: `{"filtro":{},"primeiro":["A"]}`,
		{"concorrente", "parcial"}: `{"filtro":{},"primeiro":["A"],"modo":"concorrente","politica":"parcial"}`,
	} {
		if got := earlyRequest("{}", how, []row{{Number: "A"}}); got != want {
			t.Errorf("%+v: %s", how, got)
		}
	}
}

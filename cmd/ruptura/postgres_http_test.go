package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/settings"
	"ruptura/internal/source"
)

// teller asks a running program.
type teller struct {
	*bench

	t *testing.T
}

// tellByHTTP runs the program over a source and writes down its answers, one by one, without what
// differs from run to run; the results of a session of the whole book stand apart.
func tellByHTTP(t *testing.T, from source.Source) (answers, results []string) {
	t.Helper()
	a := &teller{t: t, bench: &bench{client: &http.Client{Transport: &http.Transport{}}}}
	stop := a.serve(from)
	defer stop()
	numbers, answers := a.listings()
	if len(numbers) != 120 {
		t.Fatalf("%d orders in the book", len(numbers))
	}
	for _, n := range numbers {
		answers = append(answers, a.ask("/api/ruptura/analisar/"+url.PathEscape(string(n))))
	}
	results = a.results(`{"todos":true,"detalhe":"itens"}`)
	return append(answers, a.projections(results)...), results
}

func (a *teller) serve(from source.Source) (stop func()) {
	a.t.Helper()
	s, err := settings.Load(settings.Sources{
		Flags: map[string][]string{"today": {equalToday.String()}}, Getenv: func(string) string { return "" },
	}, settings.Groups()...)
	if err != nil {
		a.t.Fatal(err)
	}
	p, err := newProgram(s, from, slog.New(slog.DiscardHandler))
	if err != nil {
		a.t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(a.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		a.t.Fatal(err)
	}
	a.url = address(listener.Addr())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.run(ctx, listener, nil) }()
	return func() {
		a.client.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			a.t.Error(err)
		}
	}
}

// listings are the pages of the book by every column, and what filters find.
func (a *teller) listings() (numbers []atp.OrderNumber, answers []string) {
	a.t.Helper()
	for _, column := range source.Columns() {
		for _, direction := range []string{"", "-"} {
			numbers = nil
			query := url.Values{"ordem": {direction + string(column)}, "limite": {"50"}}
			for {
				text := a.ask("/api/carteira/pedidos?" + query.Encode())
				var page struct {
					Orders []struct {
						Number atp.OrderNumber `json:"num_pedido"`
					} `json:"pedidos"`
					Next string `json:"proximo"`
				}
				if err := json.Unmarshal([]byte(text), &page); err != nil {
					a.t.Fatal(err)
				}
				for _, o := range page.Orders {
					numbers = append(numbers, o.Number)
				}
				if page.Next == "" {
					answers = append(answers, text)
					break
				}
				answers = append(answers, strings.Replace(text, page.Next, "…", 1))
				query.Set("cursor", page.Next)
			}
		}
	}
	for _, filter := range []string{
		"q=sao", "q=S%C3%83O", "q=43401", "q=LTDA&uf=SP", "importante=true", "necessidade_de=2026-03-05", "necessidade_ate=2026-03-05",
	} {
		answers = append(answers, a.ask("/api/carteira/pedidos?"+filter))
	}
	return numbers, answers
}

// projections are those of every product in the results.
func (a *teller) projections(results []string) (answers []string) {
	a.t.Helper()
	var codes []string
	for _, result := range results {
		for _, match := range productCode.FindAllStringSubmatch(result, -1) {
			codes = append(codes, match[1])
		}
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		answers = append(answers, a.ask("/api/ruptura/produto/"+code+"/projecao?detalhe=saidas&dias=40"))
	}
	return answers
}

var productCode = regexp.MustCompile(`"cod_produto":"(\d+)"`)

// results are those of a session, one by one and in the sequence of their orders.
func (a *teller) results(body string) (results []string) {
	a.t.Helper()
	stream, err := a.post(a.t.Context(), []byte(body))
	if err != nil {
		a.t.Fatal(err)
	}
	response, err := a.get(a.t.Context(), stream)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			a.t.Fatalf("the stream ended early: %v", err)
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var event struct {
			Kind    string            `json:"tipo"`
			Results []json.RawMessage `json:"resultados"`
		}
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			a.t.Fatal(err)
		}
		for _, r := range event.Results {
			results = append(results, settled(string(r)))
		}
		if event.Kind == "completo" {
			break
		}
	}
	slices.Sort(results)
	return results
}

// ask is the body of an answer, which must be a good one.
func (a *teller) ask(path string) string {
	a.t.Helper()
	response, err := a.get(a.t.Context(), path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		a.t.Fatalf("%s: %s %v: %s", path, response.Status, err, body)
	}
	return settled(string(body))
}

// settled leaves out instants and durations.
func settled(answer string) string { return moving.ReplaceAllString(answer, `"$1":0`) }

var moving = regexp.MustCompile(`"(posicao_em|query_ms|performance_ms|gerado_em)":("[^"]*"|[0-9.]+)`)

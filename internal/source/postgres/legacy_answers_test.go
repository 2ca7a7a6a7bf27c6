package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// listing is a page of the book as text.
func listing(page source.BookPage) string {
	var b strings.Builder
	for _, o := range page.Orders {
		fmt.Fprintf(&b, "%+v\n", o)
	}
	fmt.Fprintf(&b, "%d in all, next %q\n", page.Total, page.Next)
	return b.String()
}

// answers is the JSON of all orders, read at once.
func answers(t testing.TB, from source.Source, orders []source.BookOrder) string {
	t.Helper()
	numbers := make([]atp.OrderNumber, len(orders))
	for i, o := range orders {
		numbers[i] = o.Number
	}
	var b strings.Builder
	for _, n := range numbers {
		b.WriteString(answer(t, from, source.Query{Orders: numbers}, n).text)
		b.WriteByte('\n')
	}
	return b.String()
}

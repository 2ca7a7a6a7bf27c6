package demo

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// ErrExists says that a file to be written is there already.
var ErrExists = errors.New("demo: file exists")

// WriteCSV writes the company as the six import files (UTF-8, commas, decimal points, dates as
// YYYY-MM-DD) into dir, which is made if need be. It refuses with ErrExists, before writing
// anything, when one of the files is there and overwrite is false.
func WriteCSV(dir string, cfg Config, overwrite bool) (err error) {
	if _, err := cfg.withDefaults(); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // made-up data, for anyone to read
		return fmt.Errorf("demo: %w", err)
	}
	if !overwrite {
		if err := refuseExisting(dir); err != nil {
			return err
		}
	}
	w := &csvWriter{}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, r := range dataset.Relations() {
		if err := w.open(csvPath(dir, r), r); err != nil {
			return err
		}
	}
	return Generate(cfg, w)
}

func csvPath(dir string, r dataset.Relation) string { return filepath.Join(dir, r.String()+".csv") }

func refuseExisting(dir string) error {
	for _, r := range dataset.Relations() {
		switch _, err := os.Stat(csvPath(dir, r)); {
		case err == nil:
			return fmt.Errorf("%w: %s", ErrExists, csvPath(dir, r))
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("demo: %w", err)
		}
	}
	return nil
}

// header is the columns of a relation's file.
func header(r dataset.Relation) []string {
	return [...][]string{
		dataset.Orders: {
			"num_pedido", "cliente", "cnpj", "cidade", "uf", "vendedor", "data_pedido", "data_entrega", "importante", "observacao",
		},
		dataset.Items:        {"num_pedido", "linha", "cod_produto", "nome_produto", "qtd_saldo", "preco_unitario"},
		dataset.Stock:        {"cod_produto", "qtd", "local", "data"},
		dataset.Reservations: {"lote", "num_pedido", "cod_produto", "qtd", "expedicao"},
		dataset.Receipts:     {"cod_produto", "data", "qtd", "linha"},
		dataset.Unifications: {"codigo_origem", "codigo_destino"},
	}[r]
}

// csvWriter is a dataset.Writer that writes files.
type csvWriter struct {
	files []csvFile // by relation
	row   []string
}

type csvFile struct {
	file *os.File
	buf  *bufio.Writer
	csv  *csv.Writer
}

func (w *csvWriter) open(path string, r dataset.Relation) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644) //nolint:gosec // the folder the user named
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	buf := bufio.NewWriterSize(f, 1<<16)
	w.files = append(w.files, csvFile{file: f, buf: buf, csv: csv.NewWriter(buf)})
	return w.put(r, header(r)...)
}

// close flushes and closes every file that was opened.
func (w *csvWriter) close() error {
	var all []error
	for _, f := range w.files {
		f.csv.Flush()
		all = append(all, f.csv.Error(), f.buf.Flush(), f.file.Close())
	}
	return errors.Join(all...)
}

func (w *csvWriter) put(r dataset.Relation, row ...string) error {
	w.row = append(w.row[:0], row...)
	return w.files[r].csv.Write(w.row)
}

// Order implements dataset.Writer.
func (w *csvWriter) Order(o dataset.Order) error {
	important := "não"
	if o.Important {
		important = "sim"
	}
	return w.put(dataset.Orders, string(o.Number), o.Client, o.TaxID, o.City, o.UF, o.Salesperson,
		o.Ordered.String(), o.Requested.String(), important, o.Note)
}

// Item implements dataset.Writer.
func (w *csvWriter) Item(i dataset.Item) error {
	price := ""
	if i.Priced {
		// Always two decimals: "12.50" is a decimal point beyond doubt.
		price = fmt.Sprintf("%d.%02d", i.Price/atp.MoneyScale, i.Price%atp.MoneyScale)
	}
	return w.put(dataset.Items, string(i.Order), strconv.FormatInt(i.Line, 10), string(i.Product), i.Name, i.Open.String(), price)
}

// Movement implements dataset.Writer.
func (w *csvWriter) Movement(m dataset.Movement) error {
	return w.put(dataset.Stock, string(m.Product), m.Quantity.String(), m.Place, m.Date.String())
}

// Reservation implements dataset.Writer.
func (w *csvWriter) Reservation(r dataset.Reservation) error {
	return w.put(dataset.Reservations, r.Lot, string(r.Order), string(r.Product), r.Quantity.String(), r.Ships.String())
}

// Receipt implements dataset.Writer.
func (w *csvWriter) Receipt(r dataset.Receipt) error {
	return w.put(dataset.Receipts, string(r.Product), r.Arrives.String(), r.Quantity.String(), r.Line)
}

// Unification implements dataset.Writer.
func (w *csvWriter) Unification(u dataset.Unification) error {
	return w.put(dataset.Unifications, string(u.From), string(u.To))
}

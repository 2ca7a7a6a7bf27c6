package importer_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"ruptura/internal/dataset"
	"ruptura/internal/importer"
)

// importFolder makes the test binary import the folder named, and print the most memory that its
// process ever had.
const importFolder = "RUPTURA_TEST_IMPORT_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(importFolder); dir != "" {
		os.Exit(importAlone(dir))
	}
	os.Exit(m.Run())
}

func importAlone(dir string) int {
	rep, err := importer.Run(context.Background(), counter{}, []string{dir}, importer.Options{})
	status, statusErr := os.ReadFile("/proc/self/status")
	peak := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status)
	if statusErr != nil || peak == nil {
		fmt.Println("no figure:", statusErr)
		return 1
	}
	fmt.Printf("peak=%s loaded=%t errors=%d listed=%d\n", peak[1], err == nil, rep.Errors, len(rep.Problems))
	return 0
}

// peakKiB is what an import in a process of its own took.
func peakKiB(t *testing.T, dir, want string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), importFolder+"="+dir)
	out, err := cmd.CombinedOutput()
	found := regexp.MustCompile(`peak=(\d+) ` + want).FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("%v\n%s", err, out)
	}
	peak, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("peak %d MiB", peak>>10)
	return peak
}

const (
	millionRows = 1_000_000
	memoryKiB   = 256 << 10
)

// rowsOf writes a million rows of items, made by row, into a folder in order otherwise.
func rowsOf(t *testing.T, row func(i int) string) string {
	t.Helper()
	dir := good(t, map[string]string{"itens.csv": ""})
	f, err := os.Create(filepath.Join(dir, "itens.csv"))
	if err != nil {
		t.Fatal(err)
	}
	reservations := filepath.Join(dir, "separacoes.csv") // so that products are kept in mind, too
	if err := os.WriteFile(reservations, []byte("num_pedido,cod_produto,qtd\nVCD0000001,4759000,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	_, _ = w.WriteString("num_pedido,linha,cod_produto,nome_produto,qtd_saldo,preco_unitario\n") // Flush tells
	for i := range millionRows {
		_, _ = w.WriteString(row(i)) // likewise
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestMillionRowsInLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a million rows take some seconds")
	}
	if raceEnabled {
		t.Skip("the race detector's own memory would be measured")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("the peak of a process's memory is read from /proc")
	}
	for name, tc := range map[string]struct {
		row  func(i int) string
		want string
	}{
		"in order": {func(i int) string {
			return fmt.Sprintf("VCD%07d,%d,%d,PALMITO PUPUNHA,%d.5,10.25\n", i/8, i%8, 4759000+i%500, i%90)
		}, `loaded=true errors=0`},
		"all of other orders": {func(i int) string { return fmt.Sprintf("VCD%07d,1,P%07d,PALMITO PUPUNHA,%d.5,10.25\n", i, i, i%90) }, `loaded=true errors=0`},
		"all wrong":           {func(i int) string { return fmt.Sprintf("VCD%07d,%d,P%d,PALMITO,-1,x\n", i, i, i) }, `loaded=false errors=2000000 listed=100`},
		"all duplicates":      {func(i int) string { return fmt.Sprintf("VCD%07d,1,P%d,PALMITO,1,1.5\n", i%1000, i) }, `loaded=false errors=999000 listed=100`},
	} {
		t.Run(name, func(t *testing.T) {
			if peak := peakKiB(t, rowsOf(t, tc.row), tc.want); peak > memoryKiB {
				t.Errorf("the import took %d MiB, want at most %d", peak>>10, memoryKiB>>10)
			}
		})
	}
}

// counter is a store that keeps nothing.
type counter struct{}

type nothing struct{}

func (nothing) Order(dataset.Order) error             { return nil }
func (nothing) Item(dataset.Item) error               { return nil }
func (nothing) Movement(dataset.Movement) error       { return nil }
func (nothing) Reservation(dataset.Reservation) error { return nil }
func (nothing) Receipt(dataset.Receipt) error         { return nil }
func (nothing) Unification(dataset.Unification) error { return nil }

// Replace implements dataset.Store.
func (counter) Replace(_ context.Context, _ []dataset.Relation, fill func(dataset.Writer) error) error {
	return fill(nothing{})
}

// Has implements dataset.Store.
func (counter) Has(context.Context, dataset.Relation) (bool, error) { return false, nil }

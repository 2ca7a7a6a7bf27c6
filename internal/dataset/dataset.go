// Package dataset describes the data the program can be given, as rows of its six relations
// (pedidos, itens, estoque, separacoes, producao, unificacao), and the contract for storing them.
// What reads files, what makes demo data and what writes a database meet here and know nothing
// of each other.
package dataset

import (
	"context"
	"errors"

	"ruptura/internal/atp"
)

// ErrDuplicate says that a row's key (an order's number; an order line's order and number) is
// there already.
var ErrDuplicate = errors.New("dataset: duplicate row")

// Relation is one of the six kinds of rows.
type Relation uint8

// The relations, in the order in which they are loaded.
const (
	Orders Relation = iota
	Items
	Stock
	Reservations
	Receipts
	Unifications
)

var relationNames = [...]string{"pedidos", "itens", "estoque", "separacoes", "producao", "unificacao"}

// Relations lists all six.
func Relations() []Relation {
	return []Relation{Orders, Items, Stock, Reservations, Receipts, Unifications}
}

// String is the relation's name in files and databases.
func (r Relation) String() string { return relationNames[r] }

// Order is a row of pedidos: an order's header.
type Order struct {
	Number      atp.OrderNumber
	Client      string
	TaxID       string // CNPJ
	City        string
	UF          string
	Salesperson string
	Ordered     atp.Day // zero if unknown
	Requested   atp.Day // requested delivery date; zero if none
	Important   bool
	Note        string
}

// Item is a row of itens: an open order line.
type Item struct {
	Order   atp.OrderNumber
	Line    int64
	Product atp.ProductCode
	Name    string
	Open    atp.Quantity
	Price   atp.Money
	Priced  bool
}

// Movement is a row of estoque: a balance, or one signed movement.
type Movement struct {
	Product  atp.ProductCode
	Place    string
	Date     atp.Day // zero if unknown
	Quantity atp.Quantity
}

// Reservation is a row of separacoes.
type Reservation struct {
	Lot      string
	Order    atp.OrderNumber
	Product  atp.ProductCode
	Quantity atp.Quantity
	Ships    atp.Day // zero if undated
}

// Receipt is a row of producao.
type Receipt struct {
	Product  atp.ProductCode
	Arrives  atp.Day
	Quantity atp.Quantity
	Line     string // production line
}

// Unification is a row of unificacao.
type Unification struct {
	From, To atp.ProductCode
}

// Writer takes rows one by one, in any sequence of relations. Rows of a relation that is not
// being replaced are an error.
type Writer interface {
	Order(Order) error
	Item(Item) error
	Movement(Movement) error
	Reservation(Reservation) error
	Receipt(Receipt) error
	Unification(Unification) error
}

// Store is a database that can be loaded.
type Store interface {
	// Replace empties the relations named and fills them with what fill writes, in one
	// transaction: when fill or the database fails, nothing has changed.
	Replace(ctx context.Context, relations []Relation, fill func(Writer) error) error
	// Has reports whether a relation holds any row.
	Has(ctx context.Context, r Relation) (bool, error)
}

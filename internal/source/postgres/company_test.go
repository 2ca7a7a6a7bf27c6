package postgres

import "ruptura/internal/source/sourcetest"

// company is a made-up order book in this engine.
type company struct{ sourcetest.Company }

package postgres_test

import (
	"os"
	"testing"

	"ruptura/internal/postgrestest"
	"ruptura/internal/source/postgres"
	"ruptura/internal/source/sourcetest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// TestConformance runs on a database whose texts sort as Brazilians sort them, which must not show.
func TestConformance(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Engine {
		url := postgrestest.Shared(t).Collated(t, "pt-BR")
		migrateUp(t, url, postgres.Native)
		return openReader(t, url)
	})
}

// TestConformanceBehindPgBouncer runs where each transaction may meet another connection.
func TestConformanceBehindPgBouncer(t *testing.T) {
	server := postgrestest.Shared(t)
	bouncer := server.PgBouncer(t)
	sourcetest.Run(t, func(t *testing.T) sourcetest.Engine {
		url := bouncer.Through(t, server.Database(t))
		migrateUp(t, url, postgres.Native)
		return openReader(t, url)
	})
}

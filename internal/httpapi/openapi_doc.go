package httpapi

import (
	"bytes"
	_ "embed"
)

//go:embed openapi.json
var openapi []byte

// OpenAPI is the description of the API: an OpenAPI 3.1 document, as JSON. The tests check real
// answers against it. The caller may change what it gets.
func OpenAPI() []byte { return bytes.Clone(openapi) }

// Package apidoctest holds an API to its OpenAPI 3.1 description: it checks the description
// itself, lists its operations, and checks real responses against it. It is for tests.
package apidoctest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// documentURL names the document for the schema compiler; nothing is ever fetched.
const documentURL = "openapi.json"

// Media types that are checked in their own way.
const (
	eventStream = "text/event-stream"
	problemJSON = "application/problem+json"
)

// Document is a description. It is safe for concurrent use.
type Document struct {
	root node
	// compiler keeps what it has compiled; one goroutine at a time.
	compiling sync.Mutex
	compiler  *jsonschema.Compiler
}

// Operation is a method and a path template, such as GET /api/x/{id}.
type Operation struct{ Method, Path string }

// Load reads a description, or fails the test.
func Load(tb testing.TB, document []byte) *Document {
	tb.Helper()
	d, err := parse(document)
	if err != nil {
		tb.Fatalf("the API's description: %v", err)
	}
	return d
}

func parse(document []byte) (*Document, error) {
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseLoader(noLoader{})
	if err := c.AddResource(documentURL, root); err != nil {
		return nil, fmt.Errorf("schemas: %w", err)
	}
	return &Document{root: node{root: root, value: root}, compiler: c}, nil
}

// noLoader keeps the compiler from reaching for other documents.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s: the description must stand by itself", url)
}

// Operations lists every operation, by path in the document's order of names and method.
func (d *Document) Operations() []Operation {
	var all []Operation
	for path, item := range d.root.get("paths").members() {
		for method := range item.members() {
			if isMethod(method) {
				all = append(all, Operation{strings.ToUpper(method), path})
			}
		}
	}
	return all
}

// Validate checks a response's status and body against the operation's description. A JSON body
// must match its schema; of an event stream every event must.
func (d *Document) Validate(tb testing.TB, method, path string, status int, body []byte) {
	tb.Helper()
	if err := d.validate(method, path, status, body); err != nil {
		tb.Errorf("%s %s answered %d with what its description does not allow: %v\n%s", method, path, status, err, shorten(body))
	}
}

// ValidateResponse is [Document.Validate] for a whole response: the content type and the headers
// that the description requires count too. It reads the body and returns it.
func (d *Document) ValidateResponse(tb testing.TB, method, path string, r *http.Response) []byte {
	tb.Helper()
	body, err := d.read(method, path, r)
	if err != nil {
		tb.Errorf("%s %s answered %s with what its description does not allow: %v\n%s", method, path, r.Status, err, shorten(body))
	}
	return body
}

func (d *Document) read(method, path string, r *http.Response) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return body, fmt.Errorf("read the body: %w", err)
	}
	described, err := d.response(method, path, r.StatusCode)
	if err != nil {
		return body, err
	}
	contentType := r.Header.Get("Content-Type")
	if len(body) > 0 && contentType == "" {
		return body, errors.New("there is a body without a content type")
	}
	return body, errors.Join(d.validateBody(described, contentType, body), d.validateHeaders(described, r.Header))
}

func (d *Document) response(method, path string, status int) (node, error) {
	op := d.root.get("paths", path, strings.ToLower(method))
	if !op.exists() {
		return node{}, errors.New("the operation is not described")
	}
	for _, key := range []string{strconv.Itoa(status), "default"} {
		if r := op.get("responses", key).resolve(); r.exists() {
			return r, nil
		}
	}
	return node{}, errors.New("the status is not described")
}

func (d *Document) validate(method, path string, status int, body []byte) error {
	described, err := d.response(method, path, status)
	if err != nil {
		return err
	}
	return d.validateBody(described, "", body)
}

// validateBody takes an empty content type for "whatever is described".
func (d *Document) validateBody(described node, contentType string, body []byte) error {
	content := described.get("content")
	if !content.exists() {
		if len(body) > 0 {
			return errors.New("there should be no body")
		}
		return nil
	}
	name, media, err := pickMedia(content, contentType)
	if err != nil {
		return err
	}
	schema := media.get("schema")
	switch {
	case !schema.exists():
		return nil
	case name == eventStream:
		return d.validateEvents(schema, body)
	case isJSON(name):
		return d.validateJSON(schema, body)
	}
	return nil
}

func pickMedia(content node, contentType string) (string, node, error) {
	if contentType == "" {
		for name, media := range content.members() {
			return name, media, nil
		}
	}
	name, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", node{}, fmt.Errorf("content type %q: %w", contentType, err)
	}
	media := content.get(name)
	if !media.exists() {
		return "", node{}, fmt.Errorf("content type %q is not described", contentType)
	}
	return name, media, nil
}

func isJSON(mediaType string) bool {
	return mediaType == "application/json" || mediaType == problemJSON
}

func (d *Document) validateJSON(schema node, body []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	return d.validateValue(schema, value)
}

// validateValue checks a decoded value against the schema at a place of the document.
func (d *Document) validateValue(schema node, value any) error {
	compiled, err := d.compile(schema)
	if err != nil {
		return err
	}
	return compiled.Validate(value)
}

func (d *Document) compile(schema node) (*jsonschema.Schema, error) {
	d.compiling.Lock()
	defer d.compiling.Unlock()
	compiled, err := d.compiler.Compile(documentURL + "#" + schema.pointer)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return compiled, nil
}

func (d *Document) validateHeaders(described node, given http.Header) error {
	var all []error
	for name, h := range described.get("headers").members() {
		header := h.resolve()
		switch value := given.Get(name); {
		case value == "" && header.get("required").value == true:
			all = append(all, fmt.Errorf("header %s is missing", name))
		case value != "":
			if err := d.validateText(header.get("schema"), value); err != nil {
				all = append(all, fmt.Errorf("header %s: %w", name, err))
			}
		}
	}
	return errors.Join(all...)
}

// validateText checks a header's value, which is text, against a schema that may want a number.
func (d *Document) validateText(schema node, value string) error {
	if schema.resolve().get("type").value == "integer" {
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", value)
		}
		return d.validateValue(schema, n)
	}
	return d.validateValue(schema, value)
}

// shorten keeps a failure readable.
func shorten(body []byte) string {
	const most = 2000
	if len(body) <= most {
		return string(body)
	}
	return fmt.Sprintf("%s… (%d bytes)", body[:most], len(body))
}

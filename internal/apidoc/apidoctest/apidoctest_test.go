package apidoctest

import (
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a sound description that the cases below break.
const small = `{
  "openapi": "3.1.0",
  "info": {"title": "t", "version": "1"},
  "tags": [{"name": "T"}],
  "paths": {
    "/x/{id}": {
      "get": {
        "operationId": "x", "summary": "s", "tags": ["T"],
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}, "example": 1}],
        "responses": {
          "200": {
            "description": "d",
            "headers": {"Cache-Control": {"required": true, "schema": {"const": "no-store"}}, "Age": {"schema": {"type": "integer"}}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/X"}, "examples": {"one": {"value": {"id": 1}}}}}
          },
          "204": {"description": "d"}
        }
      }
    },
    "/s": {"get": {"operationId": "s", "summary": "s", "responses": {
      "200": {"description": "d", "content": {"text/event-stream": {"schema": {"$ref": "#/components/schemas/X"}}}}}}}
  },
  "components": {"schemas": {"X": {
    "type": "object", "additionalProperties": false,
    "properties": {"id": {"type": "integer", "description": "d"}, "on": {"type": "string", "format": "date", "description": "d"}},
    "examples": [{"id": 1}]
  }}}
}`

func TestCheckAcceptsASoundDocument(t *testing.T) {
	Load(t, []byte(small)).Check(t)
}

func TestTheAPIsOwnDescription(t *testing.T) {
	document, err := os.ReadFile("../../httpapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	Load(t, document).Check(t)
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	tests := map[string]struct{ old, new, want string }{
		"version":             {`"3.1.0"`, `"3.0.3"`, "is not 3.1"},
		"no title":            {`"title": "t", `, ``, "/info/title: is missing"},
		"dangling reference":  {`schemas/X"}, "examples"`, `schemas/Y"}, "examples"`, "leads nowhere"},
		"broken schema":       {`"type": "integer", "description"`, `"type": "intger", "description"`, "schema"},
		"schema example":      {`"examples": [{"id": 1}]`, `"examples": [{"id": "1"}]`, "/components/schemas/X/examples/0: does not match"},
		"media type example":  {`{"value": {"id": 1}}`, `{"value": {"other": 1}}`, "does not match"},
		"parameter example":   {`"example": 1`, `"example": "one"`, "does not match"},
		"same operation id":   {`"operationId": "s"`, `"operationId": "x"`, "is that of"},
		"no operation id":     {`"operationId": "x", `, ``, "has no operationId"},
		"no summary":          {`"summary": "s", "tags"`, `"tags"`, "has no summary"},
		"unknown tag":         {`"tags": ["T"]`, `"tags": ["U"]`, "not declared"},
		"path without slash":  {`"/s": {`, `"s": {`, "begins with a slash"},
		"missing parameter":   {`/x/{id}`, `/x/{id}/{other}`, "{other} is not among"},
		"parameter elsewhere": {`/x/{id}`, `/x/id`, "stands in the path"},
		"optional in path":    {`"required": true, "schema": {"type": "integer"}`, `"schema": {"type": "integer"}`, "is required"},
		"unknown method":      {`"get": {"operationId": "s"`, `"fetch": {"operationId": "s"`, "is not a method"},
		"status":              {`"204"`, `"2xx?"`, "is not a status"},
		"no description":      {`"204": {"description": "d"}`, `"204": {}`, "has no description"},
		"open object":         {`"additionalProperties": false,`, ``, "other fields"},
		"field unexplained":   {`"type": "integer", "description": "d"`, `"type": "integer"`, "has no description"},
		"left over":           {`"components": {`, `"components": {"headers": {"H": {"schema": true}}, `, "nothing refers to it"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(small, tt.old) {
				t.Fatalf("the case changes nothing: %s", tt.old)
			}
			problems := Load(t, []byte(strings.Replace(small, tt.old, tt.new, 1))).problems()
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, tt.want) }) {
				t.Errorf("got %q, want one with %q", problems, tt.want)
			}
		})
	}
}

func TestOperations(t *testing.T) {
	want := []Operation{{"GET", "/s"}, {"GET", "/x/{id}"}}
	if diff := cmp.Diff(want, Load(t, []byte(small)).Operations()); diff != "" {
		t.Error(diff)
	}
}

func TestValidate(t *testing.T) {
	d := Load(t, []byte(small))
	tests := map[string]struct {
		method, path string
		status       int
		body, want   string
	}{
		"as described":      {"GET", "/x/{id}", 200, `{"id": 1, "on": "2026-03-02"}`, ""},
		"undocumented":      {"GET", "/x/{id}", 200, `{"id": 1, "more": 2}`, "more"},
		"another type":      {"GET", "/x/{id}", 200, `{"id": "1"}`, "integer"},
		"no such day":       {"GET", "/x/{id}", 200, `{"on": "2026-02-30"}`, "date"},
		"not JSON":          {"GET", "/x/{id}", 200, `{`, "not JSON"},
		"no body":           {"GET", "/x/{id}", 204, ``, ""},
		"body unexpected":   {"GET", "/x/{id}", 204, `{}`, "no body"},
		"status":            {"GET", "/x/{id}", 500, ``, "status is not described"},
		"operation":         {"PUT", "/x/{id}", 200, ``, "operation is not described"},
		"events":            {"GET", "/s", 200, "retry: 1\n\nid: 7\ndata: {\"id\":7}\n\n: quiet\n\ndata: {}\n\n", ""},
		"event undescribed": {"GET", "/s", 200, "data: {\"more\":7}\n\n", "more"},
		"event id differs":  {"GET", "/s", 200, "id: 8\ndata: {\"id\":7}\n\n", "the id line says"},
		"event id missing":  {"GET", "/s", 200, "data: {\"id\":7}\n\n", "the id line says"},
		"event field":       {"GET", "/s", 200, "event: x\ndata: {}\n\n", "no place"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			wantError(t, d.validate(tt.method, tt.path, tt.status, []byte(tt.body)), tt.want)
		})
	}
}

func TestValidateResponse(t *testing.T) {
	d := Load(t, []byte(small))
	tests := map[string]struct {
		header http.Header
		want   string
	}{
		"as described":   {http.Header{"Content-Type": {"application/json; charset=utf-8"}, "Cache-Control": {"no-store"}, "Age": {"3"}}, ""},
		"content type":   {http.Header{"Content-Type": {"text/html"}, "Cache-Control": {"no-store"}}, "not described"},
		"no type":        {http.Header{"Cache-Control": {"no-store"}}, "without a content type"},
		"missing header": {http.Header{"Content-Type": {"application/json"}}, "Cache-Control is missing"},
		"wrong header":   {http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"public"}}, "Cache-Control"},
		"not a number":   {http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Age": {"x"}}, "whole number"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &http.Response{StatusCode: http.StatusOK, Header: tt.header, Body: io.NopCloser(strings.NewReader(`{"id":1}`))}
			_, err := d.read("GET", "/x/{id}", r)
			wantError(t, err, tt.want)
		})
	}
}

func TestLoadRefusesWhatIsNotJSON(t *testing.T) {
	_, err := parse([]byte("openapi: 3.1.0"))
	wantError(t, err, "not JSON")
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected: %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

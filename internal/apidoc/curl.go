package apidoc

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// curl writes a command line that makes an operation's request, with its examples filled in.
func curl(method, address string, op *operation) string {
	command := "curl"
	if streams(op) {
		command += " -N"
	}
	if method != "GET" {
		command += " -X " + method
	}
	lines := []string{command + " " + quote(withExamples(address, op.Parameters))}
	if body := exampleBody(op); body != "" {
		lines = append(lines, "-H 'Content-Type: application/json'", "-d "+quote(body))
	}
	return strings.Join(lines, " \\\n  ")
}

func streams(op *operation) bool {
	for _, r := range op.Responses {
		if _, ok := r.Value.Content.get("text/event-stream"); ok {
			return true
		}
	}
	return false
}

// withExamples fills in the path and the query parameters that may not be left out.
func withExamples(address string, parameters []*parameter) string {
	query := url.Values{}
	for _, p := range parameters {
		switch {
		case p.In == "path":
			address = strings.ReplaceAll(address, "{"+p.Name+"}", url.PathEscape(indent(p.Example)))
		case p.In == "query" && p.Required:
			query.Set(p.Name, indent(p.Example))
		}
	}
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

// exampleBody is the first example of the request, on one line.
func exampleBody(op *operation) string {
	if op.RequestBody == nil {
		return ""
	}
	for _, m := range op.RequestBody.Content {
		for _, e := range m.Value.Examples {
			var b bytes.Buffer
			if json.Compact(&b, e.Value.Value) == nil {
				return b.String()
			}
		}
	}
	return ""
}

// quote makes one word of a text for a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

package apidoctest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Check checks the description itself: that it is a sound OpenAPI 3.1 document in which every
// reference leads somewhere, every schema compiles, every example matches its schema, and
// nothing is left over.
func (d *Document) Check(tb testing.TB) {
	tb.Helper()
	for _, problem := range d.problems() {
		tb.Errorf("the API's description: %s", problem)
	}
}

// problems lists what is wrong, each with its place.
func (d *Document) problems() []string {
	c := checker{document: d, used: map[string]bool{}, operations: map[string]string{}}
	c.head()
	c.walk(d.root)
	for path, item := range d.root.get("paths").members() {
		c.path(path, item)
	}
	for _, schema := range d.root.get("components", "schemas").members() {
		c.closed(schema)
	}
	c.unused()
	return c.found
}

// checker collects every problem instead of stopping at the first.
type checker struct {
	document   *Document
	found      []string
	used       map[string]bool   // components that something refers to
	operations map[string]string // operationId to its place
}

func (c *checker) reportf(at node, format string, args ...any) {
	c.found = append(c.found, at.pointer+": "+fmt.Sprintf(format, args...))
}

func (c *checker) head() {
	root := c.document.root
	if !strings.HasPrefix(root.get("openapi").text(), "3.1.") {
		c.reportf(root.get("openapi"), "is not 3.1")
	}
	for _, name := range []string{"title", "version"} {
		if at := root.get("info", name); at.text() == "" {
			c.reportf(at, "is missing")
		}
	}
}

// walk goes through everything but data, looking for references, schemas and examples.
func (c *checker) walk(at node) {
	if ref := at.get("$ref"); ref.exists() {
		c.reference(ref)
		return
	}
	c.examples(at)
	for name, below := range at.members() {
		if isData(at, name) {
			continue
		}
		if name == "schema" {
			c.schema(below)
		}
		c.walk(below)
	}
}

// isData reports whether a member holds a value, in which nothing is a reference or a schema,
// and is not just called like one.
func isData(parent node, name string) bool {
	if strings.HasSuffix(parent.pointer, "/properties") || strings.HasSuffix(parent.pointer, "/responses") {
		return false
	}
	return slices.Contains([]string{"example", "examples", "default", "const", "enum", "mapping"}, name)
}

func (c *checker) reference(ref node) {
	c.used[ref.text()] = true
	target := node{root: ref.root, value: ref.root}.at(ref.text())
	if !target.exists() {
		c.reportf(ref, "%q leads nowhere", ref.text())
	}
}

// schema makes sure that a schema compiles.
func (c *checker) schema(at node) {
	if _, err := c.document.compile(at); err != nil {
		c.reportf(at, "%v", err)
	}
}

// examples checks the example or examples of a parameter, header, media type or schema, and the
// frames of a stream.
func (c *checker) examples(at node) {
	schema := at.get("schema")
	if frames := at.get("x-frames"); frames.exists() {
		if err := c.document.validateEvents(schema, []byte(frames.text())); err != nil {
			c.reportf(frames, "%v", err)
		}
	}
	if one := at.get("example"); one.exists() && schema.exists() {
		c.example(schema, one)
	}
	many := at.get("examples")
	if _, isList := many.value.([]any); isList {
		schema = at // a schema's own examples
	}
	for _, example := range many.members() {
		if value := example.get("value"); value.exists() && schema.pointer != at.pointer {
			example = value
		}
		c.example(schema, example)
	}
}

func (c *checker) example(schema, example node) {
	if err := c.document.validateValue(schema, example.value); err != nil {
		c.reportf(example, "does not match its schema: %v", err)
	}
}

func (c *checker) path(path string, item node) {
	if !strings.HasPrefix(path, "/") {
		c.reportf(item, "a path begins with a slash")
	}
	for method, op := range item.members() {
		if !isMethod(method) {
			c.reportf(op, "is not a method")
			continue
		}
		c.operation(path, op)
	}
}

func (c *checker) operation(path string, op node) {
	id := op.get("operationId").text()
	switch before := c.operations[id]; {
	case id == "":
		c.reportf(op, "has no operationId")
	case before != "":
		c.reportf(op, "operationId %q is that of %s too", id, before)
	}
	c.operations[id] = op.pointer
	if op.get("summary").text() == "" {
		c.reportf(op, "has no summary")
	}
	c.tags(op)
	c.parameters(path, op)
	c.responses(op.get("responses"))
}

func (c *checker) tags(op node) {
	declared := map[string]bool{}
	for _, tag := range c.document.root.get("tags").members() {
		declared[tag.get("name").text()] = true
	}
	for _, tag := range op.get("tags").members() {
		if !declared[tag.text()] {
			c.reportf(tag, "tag %q is not declared", tag.text())
		}
	}
}

// parameters makes sure that each is whole, none comes twice, and the path's are all there.
func (c *checker) parameters(path string, op node) {
	seen := map[string]bool{}
	for _, parameter := range op.get("parameters").members() {
		p := parameter.resolve()
		name, in := p.get("name").text(), p.get("in").text()
		if name == "" || !slices.Contains([]string{"path", "query", "header", "cookie"}, in) || !p.get("schema").exists() {
			c.reportf(parameter, "needs name, in and schema")
		}
		if seen[in+" "+name] {
			c.reportf(parameter, "comes twice")
		}
		seen[in+" "+name] = true
		if in == "path" && (p.get("required").value != true || !strings.Contains(path, "{"+name+"}")) {
			c.reportf(parameter, "a path parameter is required and stands in the path")
		}
	}
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && !seen["path "+strings.TrimSuffix(name, "}")] {
			c.reportf(op, "%s is not among the parameters", part)
		}
	}
}

func (c *checker) responses(all node) {
	if len(names(all.value)) == 0 {
		c.reportf(all, "there are none")
	}
	for status, response := range all.members() {
		if !isStatus(status) {
			c.reportf(response, "is not a status")
		}
		if response.resolve().get("description").text() == "" {
			c.reportf(response, "has no description")
		}
	}
}

// closed makes sure that an object says what it does with fields that it does not name:
// otherwise a field could be added to an answer without being described.
func (c *checker) closed(schema node) {
	c.schema(schema)
	if schema.get("type").text() == "object" && !schema.get("additionalProperties").exists() {
		c.reportf(schema, "does not say whether there may be other fields (additionalProperties)")
	}
	for _, property := range schema.get("properties").members() {
		if property.get("description").text() == "" && !property.get("$ref").exists() {
			c.reportf(property, "has no description")
		}
	}
}

func (c *checker) unused() {
	for _, kind := range c.document.root.get("components").members() {
		for _, component := range kind.members() {
			if !c.used["#"+component.pointer] {
				c.reportf(component, "nothing refers to it")
			}
		}
	}
}

func isStatus(name string) bool {
	return name == "default" || len(name) == 3 && name >= "100" && name <= "599"
}

// isMethod reports whether a member of a path item is an operation.
func isMethod(name string) bool {
	return slices.Contains([]string{"get", "head", "post", "put", "patch", "delete", "options", "trace"}, name)
}

package apidoctest

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// node is a place in a JSON document. A node that is not there has no pointer but "missing".
type node struct {
	root    any
	value   any
	pointer string // JSON Pointer (RFC 6901)
	missing bool
}

func (n node) exists() bool { return !n.missing && n.root != nil }

// get goes down by member names or, in a list, by position.
func (n node) get(path ...string) node {
	for _, name := range path {
		value, ok := child(n.value, name)
		n = node{root: n.root, value: value, pointer: n.pointer + "/" + escape(name), missing: n.missing || !ok}
	}
	return n
}

func child(parent any, name string) (any, bool) {
	switch parent := parent.(type) {
	case map[string]any:
		value, ok := parent[name]
		return value, ok
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(parent) {
			return parent[i], true
		}
	}
	return nil, false
}

// members goes through an object's members by name, or through a list by position.
func (n node) members() iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		for _, name := range names(n.value) {
			if !yield(name, n.get(name)) {
				return
			}
		}
	}
}

func names(value any) []string {
	switch value := value.(type) {
	case map[string]any:
		return slices.Sorted(maps.Keys(value))
	case []any:
		all := make([]string, len(value))
		for i := range value {
			all[i] = strconv.Itoa(i)
		}
		return all
	}
	return nil
}

// text is the node's value if it is a string.
func (n node) text() string {
	s, _ := n.value.(string) // anything else counts as empty
	return s
}

// resolve follows references within the document, a few deep, to what they stand for.
func (n node) resolve() node {
	for range 10 {
		ref := n.get("$ref")
		if !ref.exists() {
			return n
		}
		n = node{root: n.root, value: n.root}.at(ref.text())
	}
	return node{root: n.root, missing: true}
}

// at is the node of a reference such as #/components/schemas/X.
func (n node) at(ref string) node {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return node{root: n.root, missing: true}
	}
	for name := range strings.SplitSeq(pointer, "/") {
		n = n.get(unescape(name))
	}
	return n
}

func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func unescape(name string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
}

package apidoc

import "strings"

// block is a paragraph (one item) or a list. Descriptions may use the little of Markdown that is
// read here: paragraphs, lists of "- " items, `code` and *emphasis*. It becomes markup in the
// template, never by itself.
type block struct {
	List  bool
	Items [][]span
}

// span is a run of text of one kind: "", "code" or "em".
type span struct{ Kind, Text string }

func prose(text string) []block {
	var all []block
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph == "" {
			continue
		}
		b := block{List: strings.HasPrefix(paragraph, "- ")}
		if !b.List {
			b.Items = [][]span{spans(paragraph)}
			all = append(all, b)
			continue
		}
		for item := range strings.SplitSeq(paragraph, "\n") {
			b.Items = append(b.Items, spans(strings.TrimPrefix(item, "- ")))
		}
		all = append(all, b)
	}
	return all
}

// spans splits at pairs of ` and *; a mark without its second half is text.
func spans(text string) []span {
	var all []span
	for text != "" {
		at := strings.IndexAny(text, "`*")
		if at < 0 {
			break
		}
		mark, kind := text[at:at+1], "em"
		if mark == "`" {
			kind = "code"
		}
		inside, rest, closed := strings.Cut(text[at+1:], mark)
		if !closed {
			break
		}
		all = append(all, span{"", text[:at]}, span{kind, inside})
		text = rest
	}
	return append(all, span{"", text})
}

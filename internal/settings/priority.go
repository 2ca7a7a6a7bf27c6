package settings

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"ruptura/internal/atp"
)

// parseCriteria reads the keys of a priority, separated by commas.
func parseCriteria(s string) ([]atp.Criterion, error) {
	var criteria []atp.Criterion
	seen := map[atp.Key]bool{}
	for text := range strings.SplitSeq(s, ",") {
		text = strings.TrimSpace(text)
		var c atp.Criterion
		if err := c.UnmarshalText([]byte(text)); err != nil {
			known := strings.Join(keyNames(), ", ")
			return nil, refuse(
				fmt.Sprintf("não há a chave %q; as chaves são %s, separadas por vírgula, com - na frente para inverter", text, known),
				fmt.Sprintf("there is no key %q; the keys are %s, separated by commas, with - in front to reverse one", text, known))
		}
		if seen[c.Key] {
			name := strings.TrimPrefix(text, "-")
			return nil, refuse(fmt.Sprintf("a chave %s aparece duas vezes; deixe a primeira", name),
				fmt.Sprintf("the key %s is there twice; keep the first", name))
		}
		seen[c.Key] = true
		criteria = append(criteria, c)
	}
	return criteria, nil
}

// keyNames are the words of all keys.
func keyNames() []string {
	var names []string
	for k := atp.ByImportance; k <= atp.ByClient; k++ {
		names = append(names, atp.Criterion{Key: k}.String())
	}
	return names
}

// maxClientName is the length of a client's name in characters.
const maxClientName = 200

// addClients adds clients, separated by semicolons, to those already there.
func addClients(s *Settings, list string) error {
	for name := range strings.SplitSeq(list, ";") {
		name = strings.TrimSpace(name)
		if name == "" || utf8.RuneCountInString(name) > maxClientName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
			return refuse(`deve ser uma lista de nomes como na carteira, separados por ponto e vírgula: "ACME LTDA;OUTRA S.A."`,
				`must be a list of names as in the order book, separated by semicolons: "ACME LTDA;OTHER INC"`)
		}
		s.Priority.Clients = append(s.Priority.Clients, name)
	}
	return nil
}

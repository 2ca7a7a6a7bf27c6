package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// timeless is the limit of a check that waits for nothing.
const timeless = time.Second

var levelWords = map[doctor.Level]lang.Text{
	doctor.OK:      {PT: "ok", EN: "ok"},
	doctor.Warning: {PT: "aviso", EN: "warning"},
	doctor.Problem: {PT: "PROBLEMA", EN: "PROBLEM"},
}

// levelWidth is the column of the levels; what a finding says more stands below its text.
const levelWidth = len("PROBLEMA")

// showSections writes the findings for a person, section by section, and what they add up to.
func (a *app) showSections(sections []doctor.Section) error {
	var b strings.Builder
	for _, s := range sections {
		b.WriteString(a.bold(clean(s.Title.In(a.lang))) + "\n")
		if s.Skipped {
			fmt.Fprintf(&b, "  %s  %s\n", pad("–", levelWidth, false),
				a.text("não verificado, por causa do problema acima", "not checked, because of the problem above"))
		}
		for _, f := range s.Findings {
			a.showFinding(&b, f)
		}
	}
	b.WriteString("\n" + a.tally(sections) + "\n")
	_, err := fmt.Fprint(a.Stdout, b.String())
	return err
}

func (a *app) showFinding(b *strings.Builder, f doctor.Finding) {
	const indent = 2 + levelWidth + 2
	colour := [...]atp.Criticality{doctor.OK: atp.NotShort, doctor.Warning: atp.Medium, doctor.Problem: atp.Critical}[f.Level]
	level := pad(levelWords[f.Level].In(a.lang), levelWidth, false)
	fmt.Fprintf(b, "  %s  %s\n", a.paint(colour, level), a.wrap(clean(a.whole(f)), indent))
	if mend := f.Mend.In(a.lang); mend != "" {
		fmt.Fprintf(b, "%s→ %s\n", strings.Repeat(" ", indent), a.wrap(clean(mend), indent+2))
	}
	for _, line := range f.Evidence {
		fmt.Fprintf(b, "%s  %s\n", strings.Repeat(" ", indent), clean(line))
	}
}

// whole is what a finding says, with the number of its rows and some of them.
func (a *app) whole(f doctor.Finding) string {
	text := f.What.In(a.lang)
	if f.Count > 0 {
		text += ": " + format{a.lang}.count(int(f.Count))
	}
	if len(f.Examples) == 0 {
		return text
	}
	some := make([]string, 0, len(f.Examples)+1)
	for _, e := range f.Examples {
		some = append(some, fit(e, 60))
	}
	if int64(len(some)) < f.Count {
		some = append(some, "…")
	}
	return text + " (" + strings.Join(some, ", ") + ")"
}

// tally is the last line: how many findings of each level.
func (a *app) tally(sections []doctor.Section) string {
	n := count(sections)
	line := fmt.Sprintf("%s, %s, %d ok", a.plural(n[doctor.Problem], "problema", "problem"), a.plural(n[doctor.Warning], "aviso", "warning"), n[doctor.OK])
	if n[doctor.Problem] == 0 && n[doctor.Warning] == 0 {
		return line + a.text(". Tudo em ordem.", ". All is well.")
	}
	return line + "."
}

func count(sections []doctor.Section) map[doctor.Level]int {
	n := map[doctor.Level]int{}
	for _, s := range sections {
		for _, f := range s.Findings {
			n[f.Level]++
		}
	}
	return n
}

type findingJSON struct {
	Code     string   `json:"codigo"`
	Level    string   `json:"nivel"`
	What     string   `json:"texto"`
	Mend     string   `json:"como_resolver,omitempty"`
	Count    int64    `json:"quantidade,omitempty"`
	Examples []string `json:"exemplos,omitempty"`
	Evidence []string `json:"evidencia,omitempty"`
}

type sectionJSON struct {
	Name     string        `json:"verificacao"`
	Title    string        `json:"titulo"`
	Skipped  bool          `json:"nao_verificado"`
	Findings []findingJSON `json:"achados"`
}

// sectionsJSON writes the findings for programs; the levels are ok, aviso and problema in any
// language.
func (a *app) sectionsJSON(sections []doctor.Section) error {
	list := make([]sectionJSON, len(sections))
	for i, s := range sections {
		list[i] = sectionJSON{Name: s.Name, Title: s.Title.In(a.lang), Skipped: s.Skipped, Findings: []findingJSON{}}
		for _, f := range s.Findings {
			list[i].Findings = append(list[i].Findings, findingJSON{
				Code: f.Code, Level: strings.ToLower(levelWords[f.Level].PT), What: f.What.In(a.lang), Mend: f.Mend.In(a.lang),
				Count: f.Count, Examples: f.Examples, Evidence: f.Evidence,
			})
		}
	}
	n := count(sections)
	e := json.NewEncoder(a.Stdout)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(map[string]any{
		"em_ordem":     n[doctor.Problem] == 0,
		"resumo":       map[string]int{"ok": n[doctor.OK], "avisos": n[doctor.Warning], "problemas": n[doctor.Problem]},
		"verificacoes": list,
	})
}

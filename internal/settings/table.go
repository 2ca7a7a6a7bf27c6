package settings

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// Group is what a setting is about. A command takes whole groups.
type Group uint8

// The groups, in the order in which they are shown.
const (
	General Group = iota
	Data
	Calculation
	Work
	Redis
	Server
)

// Groups lists all of them.
func Groups() []Group { return []Group{General, Data, Calculation, Work, Redis, Server} }

// Title is the group's heading.
func (g Group) Title() lang.Text {
	return [...]lang.Text{
		General:     {PT: "Geral", EN: "General"},
		Data:        {PT: "Dados", EN: "Data"},
		Calculation: {PT: "Cálculo", EN: "Calculation"},
		Work:        {PT: "Análise em lotes", EN: "Analysis in lots"},
		Redis:       {PT: "Várias máquinas (Redis)", EN: "Several machines (Redis)"},
		Server:      {PT: "Servidor", EN: "Server"},
	}[g]
}

// Setting is a row of the table: everything there is to know about one setting.
type Setting struct {
	// Name is the flag without its dashes, and the key in the file.
	Name  string
	Group Group
	// Default as a text; "" is no value.
	Default string
	// Value names the form of the value, for help.
	Value   lang.Text
	Meaning lang.Text
	// Fallback is an environment variable read when the setting's own is not set.
	Fallback string
	// Many says that the flag may be repeated and that a comma separates values.
	Many bool
	// Secret values are never shown whole.
	Secret bool
	// NotInFile settings cannot stand in the file.
	NotInFile bool

	set setter
}

// Env is the setting's own environment variable.
func (s Setting) Env() string {
	return "RUPTURA_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Envs lists every environment variable that is read, the strongest first.
func (s Setting) Envs() []string {
	if s.Fallback == "" {
		return []string{s.Env()}
	}
	return []string{s.Env(), s.Fallback}
}

// Table lists every setting, group by group.
func Table() []Setting {
	var all []Setting
	for _, rows := range [][]Setting{general(), data(), calculation(), work(), shared(), server()} {
		all = append(all, rows...)
	}
	return all
}

var (
	number   = lang.Text{PT: "N", EN: "N"}
	days     = lang.Text{PT: "DIAS", EN: "DAYS"}
	period   = lang.Text{PT: "DURAÇÃO", EN: "DURATION"}
	limit    = lang.Text{PT: "ITENS:PERCENTUAL", EN: "LINES:PERCENT"}
	size     = lang.Text{PT: "TAMANHO", EN: "SIZE"}
	filePath = lang.Text{PT: "ARQUIVO", EN: "FILE"}
)

func same(s string) lang.Text { return lang.Text{PT: s, EN: s} }

func general() []Setting {
	return []Setting{
		{
			Name: "config", Group: General, Value: filePath, NotInFile: true,
			Meaning: lang.Text{PT: "arquivo TOML com estas configurações (chaves com o nome da opção)",
				EN: "TOML file with these settings (keys named like the flags)"},
			set: into(func(s string) (string, error) { return s, nil }, func(s *Settings) *string { return &s.Config }),
		},
		{
			Name: "lang", Group: General, Value: same("pt|en"),
			Meaning: lang.Text{PT: "idioma das mensagens; sem ele decidem LC_ALL, LC_MESSAGES e LANG, e por fim português",
				EN: "language of the messages; without it LC_ALL, LC_MESSAGES and LANG decide, and Portuguese in the end"},
			set: into(parseLang, func(s *Settings) *lang.Lang { return &s.Lang }),
		},
		{
			Name: "log-format", Group: General, Default: "text", Value: same("text|json"),
			Meaning: lang.Text{PT: "formato do registro (log), que sai em stderr", EN: "format of the log, which goes to stderr"},
			set:     into(oneOf(LogText, LogJSON), func(s *Settings) *LogFormat { return &s.LogFormat }),
		},
		{
			Name: "log-level", Group: General, Default: "info", Value: same("debug|info|warn|error"),
			Meaning: lang.Text{PT: "menor gravidade que entra no registro", EN: "least severity that is logged"},
			set:     into(parseLevel, func(s *Settings) *slog.Level { return &s.LogLevel }),
		},
	}
}

func calculation() []Setting {
	return slices.Concat(dates(), priority(), thresholds())
}

func dates() []Setting {
	return []Setting{
		{
			Name: "today", Group: Calculation, Value: lang.Text{PT: "AAAA-MM-DD", EN: "YYYY-MM-DD"},
			Meaning: lang.Text{PT: "data da análise, para repetir um resultado; sem ela, o dia de hoje no fuso",
				EN: "date of the analysis, to repeat a result; without it, the current day in the time zone"},
			set: into(parseToday, func(s *Settings) *atp.Day { return &s.Today }),
		},
		{
			Name: "tz", Group: Calculation, Default: "America/Sao_Paulo", Value: lang.Text{PT: "FUSO", EN: "ZONE"},
			Meaning: lang.Text{PT: "fuso horário da empresa: decide que dia é hoje",
				EN: "the company's time zone: decides what day it is"},
			set: into(parseZone, func(s *Settings) **time.Location { return &s.Zone }),
		},
		{
			Name: "window", Group: Calculation, Default: "7", Value: days,
			Meaning: lang.Text{PT: "janela: por quantos dias depois da saída o saldo não pode faltar a outros (0 a 90)",
				EN: "window: for how many days after shipping stock must not fail others (0 to 90)"},
			set: into(whole(0, atp.MaxWindow), func(s *Settings) *int { return &s.Window }),
		},
		{
			Name: "promise-days", Group: Calculation, Default: "28", Value: days,
			Meaning: lang.Text{PT: "horizonte: até quantos dias à frente se procura uma data disponível (0 a 365)",
				EN: "horizon: how many days ahead an available date is looked for (0 to 365)"},
			set: into(whole(0, atp.MaxPromise), func(s *Settings) *int { return &s.PromiseDays }),
		},
		{
			Name: "lead-days", Group: Calculation, Default: "1", Value: days,
			Meaning: lang.Text{PT: "dias entre a produção e o produto poder sair (0 a 90)",
				EN: "days from a production receipt to goods that can ship (0 to 90)"},
			set: into(whole(0, atp.MaxLead), func(s *Settings) *int { return &s.LeadDays }),
		},
		{
			Name: "stale-days", Group: Calculation, Default: "60", Value: days,
			Meaning: lang.Text{PT: "atraso a partir do qual a expedição de uma separação não conta mais como data de necessidade (0 a 3650)",
				EN: "how overdue a reservation's ship date may be and still count as need date (0 to 3650)"},
			set: into(whole(0, 3650), func(s *Settings) *int { return &s.StaleDays }),
		},
	}
}

// priority is who is served first where all orders compete.
func priority() []Setting {
	return []Setting{
		{
			Name: "priority", Group: Calculation, Default: "importante,data_necessidade,data_pedido",
			Value: lang.Text{PT: "CHAVES", EN: "KEYS"},
			Meaning: lang.Text{
				PT: "modo concorrente: quem é atendido primeiro, por importante, data_necessidade, data_pedido, valor, cliente, nesta " +
					"sequência, separadas por vírgula; - na frente inverte uma chave; por fim decide o número do pedido",
				EN: "mode concorrente: who is served first, by importante (important), data_necessidade (need date), data_pedido (order date), " +
					"valor (value), cliente (client), in this sequence, separated by commas; - before a key reverses it; in the end the order " +
					"number decides"},
			set: into(parseCriteria, func(s *Settings) *[]atp.Criterion { return &s.Priority.Criteria }),
		},
		{
			Name: "priority-clients", Group: Calculation, Value: lang.Text{PT: "CLIENTES", EN: "CLIENTS"},
			Meaning: lang.Text{
				PT: "modo concorrente: clientes na sequência em que são atendidos, como na carteira, separados por ponto e vírgula; " +
					"pede a chave cliente em --priority, e os outros clientes vêm depois",
				EN: "mode concorrente: clients in the sequence in which they are served, as in the order book, separated by semicolons; " +
					"needs the key cliente in --priority, and the other clients come after them"},
			set: addClients,
		},
	}
}

func thresholds() []Setting {
	return []Setting{
		threshold("criticality-low", "2:5",
			lang.Text{PT: "criticidade BAIXA: até tantos itens em ruptura e até tal percentual do valor",
				EN: "criticality BAIXA (low): at most so many short lines and such a percentage of the value"},
			func(t *atp.Thresholds) *atp.Threshold { return &t.Low }),
		threshold("criticality-medium", "3:10",
			lang.Text{PT: "criticidade MEDIA: até tantos itens e até tal percentual",
				EN: "criticality MEDIA (medium): at most so many lines and such a percentage"},
			func(t *atp.Thresholds) *atp.Threshold { return &t.Medium }),
		threshold("criticality-critical", "3:10",
			lang.Text{PT: "criticidade CRITICA: acima de tantos itens e acima de tal percentual; o resto é ALTA",
				EN: "criticality CRITICA (critical): above so many lines and above such a percentage; the rest is ALTA (high)"},
			func(t *atp.Thresholds) *atp.Threshold { return &t.Critical }),
	}
}

func threshold(name, value string, meaning lang.Text, of func(*atp.Thresholds) *atp.Threshold) Setting {
	return Setting{
		Name: name, Group: Calculation, Default: value, Value: limit, Meaning: meaning,
		set: into(parseThreshold, func(s *Settings) *atp.Threshold { return of(&s.Criticality) }),
	}
}

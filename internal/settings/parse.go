package settings

import (
	"fmt"
	"log/slog"
	"math"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// setter parses a value and stores it.
type setter func(*Settings, string) error

// into makes a setter of a parser and the place of its result.
func into[T any](parse func(string) (T, error), field func(*Settings) *T) setter {
	return func(s *Settings, text string) error {
		v, err := parse(text)
		if err != nil {
			return err
		}
		*field(s) = v
		return nil
	}
}

func whole(least, most int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < least || n > most {
			return 0, refuse(fmt.Sprintf("deve ser um número inteiro de %d a %d", least, most),
				fmt.Sprintf("must be a whole number from %d to %d", least, most))
		}
		return n, nil
	}
}

func duration(least, most time.Duration) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		if err != nil || d < least || d > most {
			return 0, refuse(
				fmt.Sprintf("deve ser uma duração de %s a %s, com unidade: 30s, 15m, 1h", short(least), short(most)),
				fmt.Sprintf("must be a duration from %s to %s, with its unit: 30s, 15m, 1h", short(least), short(most)))
		}
		return d, nil
	}
}

// short writes 24h0m0s as 24h.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// oneOf accepts exactly the words given.
func oneOf[T ~string](words ...T) func(string) (T, error) {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return func(s string) (T, error) {
		for _, w := range words {
			if s == string(w) {
				return w, nil
			}
		}
		return "", refuse("deve ser "+strings.Join(list, " ou "), "must be "+strings.Join(list, " or "))
	}
}

func parseLevel(s string) (slog.Level, error) {
	switch s {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, refuse("deve ser debug, info, warn ou error", "must be debug, info, warn or error")
}

func parseLang(s string) (lang.Lang, error) {
	l, ok := lang.Parse(s)
	if !ok {
		return 0, refuse("deve ser pt ou en", "must be pt or en")
	}
	return l, nil
}

func parseZone(s string) (*time.Location, error) {
	zone, err := time.LoadLocation(s)
	if err != nil || s == "" {
		return nil, refuse("deve ser um fuso horário da base IANA, por exemplo America/Sao_Paulo",
			"must be a time zone of the IANA database, for example America/Sao_Paulo")
	}
	return zone, nil
}

func parseToday(s string) (atp.Day, error) {
	day, err := atp.ParseDay(s)
	if err != nil {
		return 0, refuse("deve ser uma data AAAA-MM-DD, por exemplo 2026-03-02",
			"must be a date YYYY-MM-DD, for example 2026-03-02")
	}
	return day, nil
}

var thresholdForm = regexp.MustCompile(`^(\d{1,7}):(\d{1,3})(?:[.,](\d{1,2}))?$`)

// parseThreshold reads LINES:PERCENT, the percentage with at most two decimals.
func parseThreshold(s string) (atp.Threshold, error) {
	m := thresholdForm.FindStringSubmatch(s)
	if m == nil {
		return atp.Threshold{}, refuse("deve ter a forma ITENS:PERCENTUAL, por exemplo 2:5 ou 3:7.5",
			"must have the form LINES:PERCENT, for example 2:5 or 3:7.5")
	}
	lines, _ := strconv.Atoi(m[1])                         // the pattern admits digits only
	percent, _ := strconv.Atoi((m[2] + (m[3] + "00")[:2])) // 7 and 5 are 750
	if percent > 10000 {
		return atp.Threshold{}, refuse("o percentual vai de 0 a 100", "the percentage goes from 0 to 100")
	}
	return atp.Threshold{Lines: lines, Percent: percent}, nil
}

var sizeForm = regexp.MustCompile(`^(\d{1,15}) ?(?i:(|B|KB|MB|GB|KiB|MiB|GiB))$`)

// parseSize reads a number of bytes, between 1 MiB and 1 TiB, with an optional unit.
func parseSize(s string) (int64, error) {
	units := map[string]int64{
		"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
	}
	if m := sizeForm.FindStringSubmatch(s); m != nil {
		n, _ := strconv.ParseInt(m[1], 10, 64) // at most 15 digits
		unit := units[strings.ToLower(m[2])]
		if n <= math.MaxInt64/unit && n*unit >= 1<<20 && n*unit <= 1<<40 {
			return n * unit, nil
		}
	}
	return 0, refuse("deve ser um tamanho de 1MiB a 1024GiB, por exemplo 256MiB",
		"must be a size from 1MiB to 1024GiB, for example 256MiB")
}

func parseAddr(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	n, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || strings.ContainsAny(host, " /\t\r\n") {
		return "", refuse("deve ter a forma ENDEREÇO:PORTA, por exemplo 127.0.0.1:8080 ou :8080 (todas as interfaces)",
			"must have the form HOST:PORT, for example 127.0.0.1:8080 or :8080 (every interface)")
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}

var hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// addHosts adds a comma-separated list of names to those already there.
func addHosts(s *Settings, list string) error {
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if net.ParseIP(name) == nil && !hostForm.MatchString(name) {
			return refuse("deve ser um nome de máquina sem porta nem http://, por exemplo ruptura.empresa.com.br",
				"must be a host name without port or http://, for example ruptura.example.com")
		}
		s.HostNames = append(s.HostNames, name)
	}
	return nil
}

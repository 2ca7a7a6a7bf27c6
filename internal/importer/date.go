package importer

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// DateFormat is how dates are written in text.
type DateFormat string

// The formats. AnyDates leaves it to the files.
const (
	AnyDates       DateFormat = ""
	BrazilianDates DateFormat = "br"  // 31/03/2026, 1/3/2026
	ISODates       DateFormat = "iso" // 2026-03-31
)

var (
	errDate      = errors.New("not a date")
	errMonthDay  = errors.New("month before day")
	errYear      = errors.New("year not believable")
	errShortYear = errors.New("year of two digits")
)

// Years that an order book can name.
const (
	firstYear = 1990
	lastYear  = 2199
)

// dateEvidence tells which format a text is in, whether or not the date exists.
func dateEvidence(s string) evidence {
	switch {
	case strings.Count(s, "/") == 2:
		return saysBR
	case strings.Count(s, "-") == 2 && len(s) >= 10 && s[4] == '-':
		return saysOther
	}
	return says0
}

// date reads a text in the given format. A time of day after it is let go.
func (f DateFormat) date(s string) (atp.Day, error) {
	s = cutTime(strings.TrimSpace(s))
	var y, m, d string
	if f == BrazilianDates {
		d, s, _ = strings.Cut(s, "/")
		m, y, _ = strings.Cut(s, "/")
	} else {
		y, s, _ = strings.Cut(s, "-")
		m, d, _ = strings.Cut(s, "-")
		if len(m) != 2 || len(d) != 2 {
			return 0, errDate
		}
	}
	return civil(y, m, d)
}

// civil makes a day of year, month and day in digits.
func civil(year, month, day string) (atp.Day, error) {
	if !digits(year+month+day) || month == "" || day == "" || len(month) > 2 || len(day) > 2 {
		return 0, errDate
	}
	if len(year) == 2 {
		return 0, errShortYear
	}
	if len(year) != 4 {
		return 0, errDate
	}
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if m > 12 && m <= 31 && d >= 1 && d <= 12 {
		return 0, errMonthDay
	}
	return existing(y, time.Month(m), d)
}

// existing makes a day of a date that may not exist.
func existing(y int, m time.Month, d int) (atp.Day, error) {
	t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if t.Month() != m || t.Day() != d {
		return 0, errDate
	}
	if y < firstYear || y > lastYear {
		return 0, errYear
	}
	return atp.NewDay(y, m, d), nil
}

// cutTime removes a time of day without a zone (10:30, 10:30:00, 10:30:00.000), after a space or
// a T. One with a zone stays, and fails: it may be another day here.
func cutTime(s string) string {
	at := strings.IndexAny(s, " T")
	if at < 0 {
		return s
	}
	for _, layout := range []string{"15:04:05", "15:04", "15:04:05.999999999"} {
		if _, err := time.Parse(layout, s[at+1:]); err == nil {
			return s[:at]
		}
	}
	return s
}

// serialZero is day 0 of a spreadsheet: 30 December 1899.
const serialZero atp.Day = 693594

// typedDate reads the serial number of a spreadsheet's date cell: days since 30 December 1899,
// or in the other date system since 1904. Fractions are the time of day.
func typedDate(s string, from1904 bool) (atp.Day, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) || v < 0 || v > 1e6 {
		return 0, errDate
	}
	base := serialZero
	if from1904 {
		base = atp.NewDay(1904, time.January, 1)
	}
	day := base + atp.Day(math.Floor(v))
	if y := day.Time().Year(); y < firstYear || y > lastYear {
		return 0, errYear
	}
	return day, nil
}

func dateTrouble(err error) lang.Text {
	switch {
	case errors.Is(err, errMonthDay):
		return text("mês/dia/ano não é aceito. Use dia/mês/ano (31/03/2026) ou 2026-03-31.",
			"month/day/year is not accepted. Use day/month/year (31/03/2026) or 2026-03-31.")
	case errors.Is(err, errShortYear):
		return text("escreva o ano com quatro dígitos.", "write the year with four digits.")
	case errors.Is(err, errYear):
		return text("ano fora de %d a %d. Confira a data.", "year outside %d to %d. Check the date.", firstYear, lastYear)
	}
	return text("não é uma data que existe. Use 2026-03-31 ou 31/03/2026, um só formato em toda a importação.",
		"is not a date that exists. Use 2026-03-31 or 31/03/2026, one format in the whole import.")
}

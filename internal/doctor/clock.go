package doctor

import (
	"context"
	"fmt"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
)

// maxDrift is how far two clocks may be apart before it deserves a look.
const maxDrift = 5 * time.Second

// Clock checks the company's time zone and what day it is. A day that was fixed is zero if none was.
func Clock(now func() time.Time, zone *time.Location, fixed atp.Day) Check {
	return Check{
		Name: "clock", Title: lang.Text{PT: "Relógio e fuso", EN: "Clock and time zone"}, Timeout: time.Second,
		Run: func(context.Context) ([]Finding, error) { return clockFindings(now(), zone, fixed), nil },
	}
}

func clockFindings(now time.Time, zone *time.Location, fixed atp.Day) []Finding {
	local := now.In(zone)
	found := []Finding{{Code: "clock.zone", What: lang.Text{
		PT: fmt.Sprintf("em %s são %s (UTC%s)", zone, local.Format("02/01/2006 15:04"), local.Format("-07:00")),
		EN: fmt.Sprintf("in %s it is %s (UTC%s)", zone, local.Format("2006-01-02 15:04"), local.Format("-07:00")),
	}}}
	if _, change := local.ZoneBounds(); !change.IsZero() && change.Sub(now) < 366*24*time.Hour {
		last := change.In(zone)
		found[0].What.PT += ", com mudança de horário em " + last.Format("02/01/2006")
		found[0].What.EN += ", with a change of time on " + last.Format("2006-01-02")
	}
	if now.Before(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		found = append(found, Finding{Code: "clock.wrong", Level: Problem, What: lang.Text{
			PT: "o relógio desta máquina está no passado", EN: "this machine's clock is in the past",
		}, Mend: lang.Text{PT: "acerte o relógio, por exemplo com chrony", EN: "set the clock, for example with chrony"}})
	}
	if fixed.Known() {
		found = append(found, Finding{Code: "clock.fixed", Level: Warning, What: lang.Text{
			PT: "--today fixa a data da análise em " + fixed.Time().Format("02/01/2006"),
			EN: "--today fixes the date of the analysis to " + fixed.String(),
		}, Mend: lang.Text{PT: "tire --today (ou RUPTURA_TODAY) para o uso diário", EN: "leave --today (or RUPTURA_TODAY) out for daily use"}})
	}
	return found
}

// Drift is what to say of another machine's clock, read with an uncertainty: nothing if the clocks
// agree as far as can be seen.
func Drift(code string, whose lang.Text, theirs, ours time.Time, uncertain time.Duration) []Finding {
	apart := theirs.Sub(ours).Abs()
	if apart <= maxDrift+uncertain {
		return nil
	}
	apart = apart.Round(time.Second)
	return []Finding{{Code: code, Level: Warning, What: lang.Text{
		PT: fmt.Sprintf("o relógio %s difere do desta máquina em %s", whose.PT, apart),
		EN: fmt.Sprintf("the clock %s differs from this machine's by %s", whose.EN, apart),
	}, Mend: lang.Text{PT: "acerte os dois por NTP (chrony, systemd-timesyncd)", EN: "set both by NTP (chrony, systemd-timesyncd)"}}}
}

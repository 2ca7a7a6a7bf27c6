package demo

import (
	"fmt"
	"strings"
)

// client is a firm, or one branch of it.
type client struct {
	name        string
	taxID       string
	city        city
	salesperson string
}

// makeClients invents about one client for six orders. One firm in five has branches in other
// cities, which share its name and the root of its tax number.
func (c *company) makeClients(d *dice) {
	n := max(c.cfg.Orders/6, 20)
	people := salespeople()
	forms, names := clientForms(), clientNames()
	for firm := 0; len(c.clients) < n; firm++ {
		name := strings.ReplaceAll(forms[(firm/len(names)+firm)%len(forms)], "%s", names[firm%len(names)])
		root := d.between(10_000_000, 59_999_999)
		branches := 1
		if d.chance(20) {
			branches = d.between(2, 6)
		}
		for b := range branches {
			c.clients = append(c.clients, client{
				name: branchName(name, b), taxID: taxID(root, b+1), city: pick(d, cities()), salesperson: pick(d, people),
			})
		}
	}
}

func branchName(firm string, branch int) string {
	if branch == 0 {
		return firm
	}
	return fmt.Sprintf("%s - Filial %02d", firm, branch)
}

// taxID is a CNPJ with its two check digits: root, branch and digits, as it is printed.
func taxID(root, branch int) string {
	s := fmt.Sprintf("%08d%04d", root, branch)
	s += checkDigit(s)
	s += checkDigit(s)
	return s[:2] + "." + s[2:5] + "." + s[5:8] + "/" + s[8:12] + "-" + s[12:]
}

// checkDigit is the CNPJ's modulo 11 with weights 2 to 9 from the right.
func checkDigit(s string) string {
	sum := 0
	for i := range len(s) {
		sum += int(s[len(s)-1-i]-'0') * (2 + i%8)
	}
	if r := sum % 11; r >= 2 {
		return string(rune('0' + 11 - r))
	}
	return "0"
}

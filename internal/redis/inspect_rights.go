package redis

import (
	"context"
	"fmt"
	"slices"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// permitted answers which of the commands ARGV, words with spaces between, the user may not run on
// these keys and channels. None of them is run.
var permitted = goredis.NewScript(`
local refused = {}
for i, line in ipairs(ARGV) do
  local words = {}
  for word in string.gmatch(line, '%S+') do words[#words + 1] = word end
  if not redis.acl_check_cmd(unpack(words)) then refused[#refused + 1] = line end
end
return refused
`)

// InspectRights looks at whether the user may run all of these commands, each written as in
// redis-cli, without quotes. Nothing is run but the question.
func (c *Client) InspectRights(ctx context.Context, commands []string) ([]doctor.Finding, error) {
	args := make([]any, len(commands))
	for i, line := range commands {
		args[i] = line
	}
	return c.onEachNode(ctx, func(ctx context.Context, n node) ([]doctor.Finding, error) {
		lines, err := permitted.Run(ctx, n, nil, args...).StringSlice()
		switch {
		case refused(err):
			return c.lacking("eval", "evalsha"), nil
		case err != nil:
			return nil, Explain(err)
		case len(lines) > 0:
			return c.lacking(names(lines)...), nil
		}
		return []doctor.Finding{{Code: "redis.rights", What: lang.Text{
			PT: "o usuário pode tudo o que o programa precisa", EN: "the user may do all that the program needs",
		}}}, nil
	})
}

// mostNamed is how many commands one sentence names; the line to run has all of them.
const mostNamed = 8

func (c *Client) lacking(commands ...string) []doctor.Finding {
	line := fmt.Sprintf("ACL SETUSER %%s ~%s:* &%s:* +%s", c.prefix, c.prefix, strings.Join(commands, " +"))
	list := strings.ToUpper(strings.Join(commands[:min(len(commands), mostNamed)], ", "))
	if more := len(commands) - mostNamed; more > 0 { // most often it is the keys that are not theirs
		list += fmt.Sprintf("… (+%d)", more)
	}
	return []doctor.Finding{{Code: "redis.rights", Level: doctor.Problem, What: lang.Text{
		PT: "o usuário não pode usar, nas chaves e canais " + c.prefix + ":*, os comandos " + list,
		EN: "the user may not run, on the keys and channels " + c.prefix + ":*, the commands " + list,
	}, Mend: lang.Text{
		PT: "execute como administrador: " + fmt.Sprintf(line, "NOME"), EN: "run as an administrator: " + fmt.Sprintf(line, "NAME"),
	}}}
}

// names are the commands of some lines, as ACL rules call them, each once.
func names(lines []string) []string {
	all := make([]string, len(lines))
	for i, line := range lines {
		words := strings.Fields(strings.ToLower(line))
		all[i] = words[0]
		if words[0] == "xgroup" || words[0] == "xinfo" {
			all[i] += "|" + words[1]
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

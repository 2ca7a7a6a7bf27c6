package settings

import (
	"bytes"
	"fmt"
	"strings"

	"ruptura/internal/lang"
)

// Document renders docs/config.md from the table, in both languages.
func Document() []byte {
	var b bytes.Buffer
	b.WriteString(intro.EN)
	chapter(&b, lang.EN)
	b.WriteString(intro.PT)
	chapter(&b, lang.PT)
	return b.Bytes()
}

var intro = lang.Text{
	EN: `# Configuration

<!-- Written by the program from its table of settings. After a change there:
     go test ./internal/settings -run TestDocument -update -->

([Português](#configuração))

Every setting can be given as a flag, as an environment variable or in a TOML file. A flag wins over the environment, the
environment over the file, the file over the default. An empty variable counts as not set. A command takes the settings that
concern it; its ` + "`--help`" + ` lists them. A value out of range or an unknown key in the file stops the program with exit
status 2 and a message that names the place.

The file is named by ` + "`--config FILE`" + ` or ` + "`RUPTURA_CONFIG`" + `; its keys are the names of the flags:

` + "```toml" + `
db = "sqlite:/var/lib/ruptura/ruptura.db"
addr = ":8080"
workers = 4
session-ttl = "30m"
host-name = ["ruptura.example.com"]
` + "```" + `
`,
	PT: `
# Configuração

Toda configuração pode ser dada como opção, como variável de ambiente ou num arquivo TOML. A opção vence a variável, a variável
vence o arquivo, o arquivo vence o padrão. Uma variável vazia conta como ausente. Cada comando aceita as configurações que lhe
dizem respeito; o seu ` + "`--help`" + ` traz a lista. Um valor fora dos limites ou uma chave desconhecida no arquivo encerra o
programa com código 2 e uma mensagem que diz onde está o erro.

O arquivo é indicado por ` + "`--config ARQUIVO`" + ` ou ` + "`RUPTURA_CONFIG`" + `; as chaves são os nomes das opções, como no exemplo
acima.
`,
}

var heading = lang.Text{
	EN: "| flag | environment | default | meaning |\n| --- | --- | --- | --- |\n",
	PT: "| opção | ambiente | padrão | significado |\n| --- | --- | --- | --- |\n",
}

func chapter(b *bytes.Buffer, l lang.Lang) {
	for _, g := range Groups() {
		fmt.Fprintf(b, "\n## %s\n\n%s", g.Title().In(l), heading.In(l))
		for _, s := range Table() {
			if s.Group == g {
				fmt.Fprintf(b, "| `--%s %s` | %s | %s | %s |\n", s.Name, cell(s.Value.In(l)),
					"`"+strings.Join(s.Envs(), "`, `")+"`", value(s.Default), cell(s.Meaning.In(l)))
			}
		}
	}
}

func value(text string) string {
	if text == "" {
		return ""
	}
	return "`" + cell(text) + "`"
}

// cell keeps a text inside its column.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

package apidoc

import "ruptura/internal/lang"

// words are the page's own. What it says about the API is the description's, in Portuguese by
// pt.json.
var words = map[string]lang.Text{
	"at least":   {PT: "no mínimo %s", EN: "at least %s"},
	"at most":    {PT: "no máximo %s", EN: "at most %s"},
	"body":       {PT: "Corpo", EN: "Body"},
	"characters": {PT: "até %s caracteres", EN: "at most %s characters"},
	"contents":   {PT: "Nesta página", EN: "On this page"},
	"default":    {PT: "padrão: %s", EN: "default: %s"},
	"entries":    {PT: "até %s entradas", EN: "at most %s entries"},
	"errors":     {PT: "Erros", EN: "Errors"},
	"errors lead": {
		PT: "Todo erro é um Problema, e codigo diz qual, sempre com a mesma palavra.",
		EN: "Every error is a Problema, and its codigo tells which, always in the same word.",
	},
	"example":  {PT: "Exemplo", EN: "Example"},
	"examples": {PT: "Exemplos", EN: "Examples"},
	"from to":  {PT: "de %s a %s", EN: "%s to %s"},
	"headers":  {PT: "Cabeçalhos", EN: "Headers"},
	"language note": {
		PT: "O documento OpenAPI está em inglês; os nomes dos campos são em português.",
		EN: "Field names are Portuguese; each is explained in English.",
	},
	"list of":    {PT: "lista de", EN: "list of"},
	"one of":     {PT: "um de: %s", EN: "one of: %s"},
	"optional":   {PT: "opcional", EN: "optional"},
	"or":         {PT: "ou", EN: "or"},
	"other":      {PT: "outros", EN: "other"},
	"parameters": {PT: "Parâmetros", EN: "Parameters"},
	"request":    {PT: "Pedido", EN: "Request"},
	"required":   {PT: "obrigatório", EN: "required"},
	"responses":  {PT: "Respostas", EN: "Responses"},
	"skip":       {PT: "Ir para o conteúdo", EN: "Skip to the content"},
	"machine":    {PT: "Para programas: OpenAPI 3.1", EN: "For programs: OpenAPI 3.1"},
	"title":      {PT: "API", EN: "API"},
	"try":        {PT: "Na linha de comando", EN: "On the command line"},
	"types":      {PT: "Tipos", EN: "Types"},
	"version":    {PT: "versão", EN: "version"},

	"path":   {PT: "no caminho", EN: "in the path"},
	"query":  {PT: "na consulta", EN: "in the query"},
	"header": {PT: "no cabeçalho", EN: "in a header"},

	"string":        {PT: "texto", EN: "text"},
	"integer":       {PT: "inteiro", EN: "whole number"},
	"number":        {PT: "número", EN: "number"},
	"boolean":       {PT: "true ou false", EN: "true or false"},
	"object":        {PT: "objeto", EN: "object"},
	"array":         {PT: "lista", EN: "list"},
	"date":          {PT: "data", EN: "date"},
	"date-time":     {PT: "instante", EN: "instant"},
	"uri-reference": {PT: "endereço", EN: "address"},
}

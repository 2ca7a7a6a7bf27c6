package cli

import (
	"ruptura/internal/lang"
	"ruptura/internal/settings"
)

func (a *app) analyzePage() page {
	return page{
		use:   a.text("analyze [PEDIDO…] [--all]", "analyze [ORDER…] [--all]"),
		short: lang.Text{PT: "analisa pedidos no terminal, sem servidor", EN: "analyses orders in the terminal, without a server"},
		long: lang.Text{
			PT: "Diz, de cada pedido, se pode sair inteiro agora, o que falta, quanto vale e quando chega. Lê o banco na hora; " +
				"nada é guardado.\n\n" +
				"Com números de pedido mostra também os itens em ruptura; com --all, a carteira inteira por data de necessidade. " +
				"--json escreve os mesmos objetos da API; --csv serve para planilhas: em português usa ponto e vírgula e vírgula " +
				"decimal, em inglês (--lang en) vírgula e ponto, sempre UTF-8 com BOM.\n\n" +
				"Com --modo concorrente todos os pedidos da carteira disputam o mesmo estoque, por prioridade (--priority): a tabela mostra a " +
				"resposta de cada um sozinho e concorrendo, e por causa de quem piora. --explain conta, item por item, quem leva o " +
				"estoque.\n\n" +
				"Um pedido que não existe é avisado em stderr e o código de saída é 1; os outros são mostrados.",
			EN: "Tells of each order whether it can ship whole now, what is missing, what it is worth and when it comes. Reads " +
				"the database on the spot; nothing is kept.\n\n" +
				"With order numbers it also shows the short lines; with --all, the whole book by need date. --json writes the " +
				"same objects as the API; --csv is for spreadsheets: comma and decimal point in English, semicolon and decimal " +
				"comma in Portuguese (--lang pt), always UTF-8 with BOM.\n\n" +
				"With --modo concorrente all orders of the book compete for the same stock, by priority (--priority): the table shows " +
				"each order's answer alone and together, and because of whom it is worse. --explain tells, line by line, who takes the " +
				"stock.\n\n" +
				"An order that does not exist is reported on stderr and the exit status is 1; the others are shown.",
		},
		examples: []example{
			{"ruptura analyze --all", lang.Text{PT: "a carteira inteira", EN: "the whole book"}},
			{"ruptura analyze VCD2543401 VCD2543402", lang.Text{PT: "dois pedidos, com os itens que faltam", EN: "two orders, with the lines that are short"}},
			{"ruptura analyze --all --today 2026-03-02 --json", lang.Text{
				PT: "como se hoje fosse 2 de março, para um programa ler",
				EN: "as if today were 2 March, for a program to read",
			}},
			{"ruptura analyze --all --modo concorrente", lang.Text{
				PT: "todos juntos: quem fica sem, e por causa de quem", EN: "all together: who goes short, and because of whom",
			}},
			{"ruptura analyze --modo concorrente --explain VCD2543401", lang.Text{
				PT: "por que faltam os itens de um pedido", EN: "why the lines of an order are short",
			}},
			{"ruptura analyze --all --csv > ruptura.csv", lang.Text{PT: "para uma planilha", EN: "for a spreadsheet"}},
		},
		groups:  []settings.Group{settings.Data, settings.Calculation},
		suggest: []string{"analisar", "analise", "analyse"},
	}
}

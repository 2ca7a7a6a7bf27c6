package demo

// family is a kind of product, how it is sold, and what the smallest pack costs in cents.
type family struct {
	name     string
	variants []string
	packs    []pack
	price    int // of 100 g, in cents
}

// pack is how a product is packed for sale; grams is its content.
type pack struct {
	name  string
	grams int
	loose bool // sold by the kilogram, in any fraction
}

var (
	jars = []pack{
		{"VD 12X100G", 1200, false}, {"VD 15X200G", 3000, false}, {"VD 12X300G", 3600, false},
		{"VD 6X500G", 3000, false}, {"VD 6X1,8KG", 10800, false},
	}
	pouches = []pack{
		{"SACHE 24X100G", 2400, false}, {"SACHE 24X160G", 3840, false}, {"DOY 12X340G", 4080, false},
		{"DOY 6X1,1KG", 6600, false}, {"BAG 4X2KG", 8000, false},
	}
	tins    = []pack{{"LT 24X170G", 4080, false}, {"LT 24X280G", 6720, false}, {"LT 6X2KG", 12000, false}}
	buckets = []pack{{"BALDE 1,8KG", 1800, false}, {"BALDE 3,2KG", 3200, false}, {"BD 15KG", 15000, false}}
	bottles = []pack{
		{"FR 12X150ML", 1800, false}, {"FR 12X400G", 4800, false}, {"PET 12X750ML", 9000, false},
		{"GL 4X3,2KG", 12800, false}, {"SACHE 190X7G", 1330, false},
	}
	loose = []pack{{"GRANEL KG", 1000, true}}
)

func packs(kinds ...[]pack) []pack {
	var all []pack
	for _, k := range kinds {
		all = append(all, k...)
	}
	return all
}

func families() []family {
	return []family{
		{"PALMITO", []string{
			"PUPUNHA INTEIRO", "PUPUNHA RODELAS", "PUPUNHA PICADO", "PUPUNHA ESPAGUETE", "ACAI INTEIRO", "ACAI RODELAS", "JUCARA BANDA",
		}, packs(jars, tins), 520},
		{"AZEITONA", []string{
			"VERDE C/ CAROCO", "VERDE S/ CAROCO", "VERDE FATIADA", "VERDE RECHEADA PIMENTAO", "PRETA AZAPA",
			"PRETA S/ CAROCO", "PRETA FATIADA", "CHILENA GRAUDA", "ROXA TEMPERADA",
		}, packs(jars, pouches, buckets, loose), 240},
		{"CHAMPIGNON", []string{"INTEIRO", "FATIADO", "MINI INTEIRO", "PICADO"}, packs(jars, pouches, tins, buckets), 310},
		{"COGUMELO", []string{"SHIITAKE FATIADO", "SHIMEJI BRANCO", "FUNGHI SECO", "PORTOBELLO FATIADO"}, packs(jars, pouches), 680},
		{"PIMENTA", []string{
			"BIQUINHO VERMELHA", "BIQUINHO AMARELA", "MALAGUETA", "DEDO DE MOCA", "CUMARI", "JALAPENO RODELAS", "DE CHEIRO",
		}, packs(jars, pouches, loose), 270},
		{"MOLHO", []string{
			"DE TOMATE TRADICIONAL", "DE TOMATE MANJERICAO", "DE TOMATE AZEITONAS", "DE PIMENTA VERMELHA", "DE ALHO", "SHOYU",
			"SHOYU LIGHT", "INGLES", "BARBECUE", "TARTARO",
		}, packs(bottles, pouches), 95},
		{"KETCHUP", []string{"TRADICIONAL", "PICANTE", "ZERO ACUCAR"}, packs(bottles, pouches), 88},
		{"MOSTARDA", []string{"AMARELA", "ESCURA", "DIJON", "COM MEL"}, packs(bottles, pouches), 92},
		{"MAIONESE", []string{"TRADICIONAL", "TEMPERADA", "VERDE"}, packs(bottles, pouches, buckets), 105},
		{"PEPINO", []string{"CONSERVA INTEIRO", "CONSERVA FATIADO", "AGRIDOCE", "COCKTAIL"}, packs(jars, buckets), 165},
		{"CONSERVA", []string{"CEBOLINHA", "ALCAPARRA", "MINI MILHO", "PICLES MISTO", "BETERRABA RALADA", "CENOURA PALITO"}, packs(jars, buckets), 195},
		{"MILHO VERDE", []string{"EM CONSERVA", "NO VAPOR"}, packs(tins, pouches), 82},
		{"ERVILHA", []string{"EM CONSERVA", "PARTIDA", "COM MILHO"}, packs(tins, pouches), 86},
		{"TOMATE SECO", []string{"EM OLEO", "TEMPERADO", "EM TIRAS"}, packs(jars, buckets, loose), 430},
	}
}

// brands are those of the house and of two clients it packs for.
func brands() []string { return []string{"SERRA CLARA", "VALE BOM", "DONA ZULMIRA", "CHEF & CIA"} }

// city is a real place and its state.
type city struct{ name, uf string }

func cities() []city {
	return []city{
		{"São Paulo", "SP"}, {"Campinas", "SP"}, {"Ribeirão Preto", "SP"}, {"São José do Rio Preto", "SP"}, {"Sorocaba", "SP"},
		{"Bauru", "SP"}, {"Santos", "SP"}, {"Guarulhos", "SP"}, {"Piracicaba", "SP"}, {"Presidente Prudente", "SP"},
		{"Rio de Janeiro", "RJ"}, {"Niterói", "RJ"}, {"Duque de Caxias", "RJ"}, {"Volta Redonda", "RJ"}, {"Campos dos Goytacazes", "RJ"},
		{"Belo Horizonte", "MG"}, {"Uberlândia", "MG"}, {"Juiz de Fora", "MG"}, {"Contagem", "MG"}, {"Montes Claros", "MG"},
		{"Poços de Caldas", "MG"}, {"Vitória", "ES"}, {"Vila Velha", "ES"}, {"Curitiba", "PR"}, {"Londrina", "PR"}, {"Maringá", "PR"},
		{"Cascavel", "PR"}, {"Ponta Grossa", "PR"}, {"Florianópolis", "SC"}, {"Joinville", "SC"}, {"Blumenau", "SC"}, {"Chapecó", "SC"},
		{"Porto Alegre", "RS"}, {"Caxias do Sul", "RS"}, {"Pelotas", "RS"}, {"Passo Fundo", "RS"}, {"Santa Maria", "RS"},
		{"Brasília", "DF"}, {"Goiânia", "GO"}, {"Anápolis", "GO"}, {"Rio Verde", "GO"}, {"Cuiabá", "MT"}, {"Rondonópolis", "MT"},
		{"Campo Grande", "MS"}, {"Dourados", "MS"}, {"Salvador", "BA"}, {"Feira de Santana", "BA"}, {"Vitória da Conquista", "BA"},
		{"Aracaju", "SE"}, {"Maceió", "AL"}, {"Recife", "PE"}, {"Caruaru", "PE"}, {"Petrolina", "PE"}, {"João Pessoa", "PB"},
		{"Campina Grande", "PB"}, {"Natal", "RN"}, {"Fortaleza", "CE"}, {"Juazeiro do Norte", "CE"}, {"Teresina", "PI"},
		{"São Luís", "MA"}, {"Imperatriz", "MA"}, {"Belém", "PA"}, {"Ananindeua", "PA"}, {"Manaus", "AM"}, {"Palmas", "TO"}, {"Porto Velho", "RO"},
	}
}

// clientForms are patterns of a firm's name: %s is the name proper.
func clientForms() []string {
	return []string{
		"Supermercados %s Ltda", "Rede %s de Supermercados S.A.", "%s Atacarejo S.A.", "Atacadão %s Ltda", "Distribuidora %s Ltda",
		"%s Distribuição de Alimentos Ltda", "Mercado %s Ltda", "Empório %s Ltda", "Comercial %s de Alimentos Ltda", "Hortifruti %s Ltda",
		"%s Food Service Ltda", "Cerealista %s Ltda",
	}
}

func clientNames() []string {
	return []string{
		"Bela Aurora", "Santa Jacinta", "Irmãos Pavarini", "Três Figueiras", "Novo Horizonte", "Pinheirão", "São Benedito", "Ipê Amarelo",
		"Estrela do Vale", "Boa Colheita", "Família Bortolatto", "Rio das Almas", "Campo Largo", "Monte Azul", "Tavolari", "Zanchetta",
		"Maria Bonita", "Sabiá", "Jequitibá", "Cruzeiro Novo", "Flor de Minas", "Guarani", "Do Parque", "Primavera", "Nonna Assunta",
		"Bandeirante", "Serra Verde", "Água Viva", "Porto Feliz", "Alvorada", "Bom Preço do Cerrado", "Quatro Irmãos", "Paraíso",
		"Dois Coqueiros", "Kimura", "Nakashima", "Vila Real", "Kowalczuk", "Schimanski", "Lagoa Dourada", "Bem-te-vi", "Capixaba",
		"Chapadão", "Tropeiro", "Mandacaru", "Carcará", "Sertanejo", "Mar Azul", "Recôncavo", "Ver-o-Rio",
	}
}

func salespeople() []string {
	return []string{
		"Adriana Fontanive", "Carlos Eduardo Prates", "Débora Queirós", "Edson Takahara", "Fernanda Albuquerque", "Gilmar Stival",
		"Helena Marçal", "Ítalo Nogueira", "Juliana Bittencourt", "Luís Otávio Ramires", "Marlene Dalpiaz", "Nivaldo Cordeiro",
		"Patrícia Sampaio", "Rogério Antunes", "Simone Vasques", "Wanderley Pontes",
	}
}

func notes() []string {
	return []string{
		"Entregar somente pela manhã, das 6h às 11h.", "Cliente não recebe às segundas.", "Agendar descarga com 24 h de antecedência.",
		"Pedido de abertura de loja, não pode atrasar!", "Cliente aceita entrega parcial.", "NÃO aceita entrega parcial.",
		"Paletes PBR com devolução.", "Validade mínima de 2/3 na entrega.", "Enviar laudo junto com a nota.",
		"Promoção de encarte: produtos precisam estar na loja na sexta.", "Ligar para o João (compras) antes de carregar.",
		"Cliente retira no CD.", "Preço negociado com a gerência.", "Troca do pedido anterior, sem cobrança de frete.",
		"Carga fechada com o pedido da filial.", "Substituir por marca própria só com autorização.", "Separar por loja e identificar volumes.",
		"Boleto 28/35/42 dias.", "Descarga por conta do cliente.", "Cliente novo, caprichar na entrega.", "Aguardando liberação do crédito.",
		"Licitação: multa por atraso de 1% ao dia.", "Temporada de verão, reposição toda semana.", "Conferir o código: cadastro mudou este mês.",
	}
}

func places() []string {
	return []string{"CD Jundiaí", "Fábrica Araraquara", "CD Contagem", "Expedição"}
}

func productionLines() []string { return []string{"Envase 1", "Envase 2", "Sachê", "Balde", "Molhos"} }

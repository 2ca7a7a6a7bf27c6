--pt As seis relações como visões das tabelas do ERP, em {source}, que só são lidas.
--en The six relations as views of the ERP's tables, in {source}, which are only read.

--pt Cabeçalhos: textos e datas da linha ativa de menor id; importante se alguma linha ativa é.
--en Headers: texts and dates of the active line of the lowest id; important if any active line is.
CREATE VIEW {schema}.pedidos AS
SELECT pedido.num_pedido::text AS num_pedido,
    nullif(linha.raz_social_red, '')::text AS cliente,
    nullif(linha.cnpj_cpf, '')::text AS cnpj,
    nullif(linha.municipio, '')::text AS cidade,
    nullif(linha.estado, '')::text AS uf,
    nullif(linha.vendedor, '')::text AS vendedor,
    linha.data_pedido,
    linha.data_entrega_pedido AS data_entrega,
    pedido.importante,
    nullif(linha.observ_ped_1, '')::text AS observacao
FROM (
    SELECT num_pedido, min(id) AS primeira, coalesce(bool_or(importante), false) AS importante
    FROM {source}.carteira_principal WHERE ativo GROUP BY num_pedido
) AS pedido
JOIN {source}.carteira_principal AS linha ON linha.id = pedido.primeira;

--pt Linhas: as ativas (ativo nulo é inativa) com saldo.
--en Lines: the active ones (a null ativo is inactive) with an open quantity.
CREATE VIEW {schema}.itens AS
SELECT num_pedido::text AS num_pedido,
    id::bigint AS linha,
    cod_produto::text AS cod_produto,
    coalesce(nome_produto, '')::text AS nome_produto,
    qtd_saldo_produto_pedido AS qtd_saldo,
    preco_produto_pedido AS preco_unitario
FROM {source}.carteira_principal
WHERE ativo AND qtd_saldo_produto_pedido > 0;

--pt Movimentos: os ativos (ativo nulo é inativo) cuja nota não foi cancelada.
--en Movements: the active ones (a null ativo is inactive) whose invoice is not cancelled.
CREATE VIEW {schema}.estoque AS
SELECT cod_produto::text AS cod_produto,
    qtd_movimentacao AS qtd,
    NULL::text AS local,
    data_movimentacao AS data
FROM {source}.movimentacao_estoque
WHERE ativo AND status_nf IS DISTINCT FROM 'CANCELADO';

--pt Separações: as que não foram faturadas (sincronizado_nf nulo é não faturada). O programa arredonda o
--pt float para 3 casas, linha por linha, com o meio para o par: aqui custaria mais do que ler a tabela.
--en Reservations: those not invoiced (a null sincronizado_nf is not invoiced). The program rounds the float
--en to 3 places, row by row, half to even: here that would cost more than reading the table.
CREATE VIEW {schema}.separacoes AS
SELECT coalesce(separacao_lote_id, '')::text AS lote,
    num_pedido::text AS num_pedido,
    cod_produto::text AS cod_produto,
    qtd_saldo AS qtd,
    expedicao
FROM {source}.separacao
WHERE sincronizado_nf IS NOT TRUE AND cod_produto IS NOT NULL AND qtd_saldo IS NOT NULL;

--pt Programação da produção; o float como o das separações.
--en Scheduled production; the float as that of the reservations.
CREATE VIEW {schema}.producao AS
SELECT cod_produto::text AS cod_produto,
    data_programacao AS data,
    qtd_programada AS qtd,
    NULL::text AS linha
FROM {source}.programacao_producao
WHERE cod_produto IS NOT NULL AND qtd_programada IS NOT NULL;

--pt Códigos unificados, dos pares ativos. Cada inteiro vale por todos os códigos só de algarismos com o seu
--pt valor: além do par em texto ('500'), há um par para cada código com zeros à esquerda que está em uso
--pt ('00500' com '500'). Primeiro se vê com quantos zeros começa algum código; depois cada inteiro, com um
--pt zero, dois e assim por diante, é procurado nas tabelas. Tudo isto pergunta aos índices de cod_produto qual
--pt é o próximo código, sem ler os movimentos. Inteiros negativos não são código de nada.
--en Unified codes, of the active pairs. Each integer stands for all codes made of digits only that have its
--en value: besides the pair as text ('500') there is a pair for each code with leading zeros that is in use
--en ('00500' with '500'). First it is seen with how many zeros any code begins; then each integer, with one
--en zero, two and so on, is looked for in the tables. All of this asks the indexes on cod_produto for the next
--en code, without reading the movements. Negative integers are no product's code.
CREATE VIEW {schema}.unificacao AS
WITH RECURSIVE pares AS MATERIALIZED (
    SELECT codigo_origem::text COLLATE "C" AS origem, codigo_destino::text COLLATE "C" AS destino
    FROM {source}.unificacao_codigos WHERE ativo AND codigo_origem >= 0 AND codigo_destino >= 0
), zeros (n) AS (
    SELECT 0
    UNION ALL
    SELECT n + 1 FROM zeros WHERE EXISTS (SELECT FROM pares) AND (
        (SELECT t.cod_produto FROM {source}.carteira_principal AS t WHERE t.cod_produto >= repeat('0', n + 1) ORDER BY t.cod_produto LIMIT 1) < repeat('0', n) || '1'
        OR (SELECT t.cod_produto FROM {source}.movimentacao_estoque AS t WHERE t.cod_produto >= repeat('0', n + 1) ORDER BY t.cod_produto LIMIT 1) < repeat('0', n) || '1'
        OR (SELECT t.cod_produto FROM {source}.separacao AS t WHERE t.cod_produto >= repeat('0', n + 1) ORDER BY t.cod_produto LIMIT 1) < repeat('0', n) || '1'
        OR (SELECT t.cod_produto FROM {source}.programacao_producao AS t WHERE t.cod_produto >= repeat('0', n + 1) ORDER BY t.cod_produto LIMIT 1) < repeat('0', n) || '1'
    )
), codigos (cod, valor) AS (
    SELECT (repeat('0', n) || valor) COLLATE "default", valor
    FROM zeros CROSS JOIN (SELECT origem FROM pares UNION SELECT destino FROM pares) AS inteiro (valor)
    WHERE n > 0
)
SELECT origem AS codigo_origem, destino AS codigo_destino FROM pares
UNION
SELECT c.cod COLLATE "C", c.valor FROM codigos AS c WHERE
    (SELECT t.cod_produto FROM {source}.carteira_principal AS t WHERE t.cod_produto >= c.cod ORDER BY t.cod_produto LIMIT 1) = c.cod
    OR (SELECT t.cod_produto FROM {source}.movimentacao_estoque AS t WHERE t.cod_produto >= c.cod ORDER BY t.cod_produto LIMIT 1) = c.cod
    OR (SELECT t.cod_produto FROM {source}.separacao AS t WHERE t.cod_produto >= c.cod ORDER BY t.cod_produto LIMIT 1) = c.cod
    OR (SELECT t.cod_produto FROM {source}.programacao_producao AS t WHERE t.cod_produto >= c.cod ORDER BY t.cod_produto LIMIT 1) = c.cod;

--pt Confere, sem ler nada, que o dono das visões pode ler as tabelas: é com os direitos dele que elas são lidas.
--en Makes sure, without reading anything, that the views' owner may read the tables: it is read with the owner's rights.
DO $corpo$
BEGIN
    PERFORM FROM {schema}.pedidos LIMIT 0;
    PERFORM FROM {schema}.itens LIMIT 0;
    PERFORM FROM {schema}.estoque LIMIT 0;
    PERFORM FROM {schema}.separacoes LIMIT 0;
    PERFORM FROM {schema}.producao LIMIT 0;
    PERFORM FROM {schema}.unificacao LIMIT 0;
END
$corpo$;

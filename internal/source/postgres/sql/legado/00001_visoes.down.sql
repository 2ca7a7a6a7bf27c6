DROP VIEW {schema}.unificacao;
DROP VIEW {schema}.producao;
DROP VIEW {schema}.separacoes;
DROP VIEW {schema}.estoque;
DROP VIEW {schema}.itens;
DROP VIEW {schema}.pedidos;

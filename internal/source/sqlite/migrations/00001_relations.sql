-- +goose Up

-- Quantities are INTEGER thousandths of a unit, prices INTEGER hundredths of the currency, dates
-- TEXT 'YYYY-MM-DD'. A text that is not known is NULL, never ''.

CREATE TABLE pedidos (
    num_pedido   TEXT    NOT NULL PRIMARY KEY CHECK (length(num_pedido) BETWEEN 1 AND 50),
    cliente      TEXT    CHECK (cliente <> ''),
    cnpj         TEXT    CHECK (cnpj <> ''),
    cidade       TEXT    CHECK (cidade <> ''),
    uf           TEXT    CHECK (uf <> ''),
    vendedor     TEXT    CHECK (vendedor <> ''),
    data_pedido  TEXT    CHECK (data_pedido IS date(data_pedido) AND data_pedido >= '0001-01-01'),
    data_entrega TEXT    CHECK (data_entrega IS date(data_entrega) AND data_entrega >= '0001-01-01'),
    importante   INTEGER NOT NULL DEFAULT 0 CHECK (importante IN (0, 1)),
    observacao   TEXT    CHECK (observacao <> ''),
    -- What a text search looks in: number, client, city and salesperson, without case and accents.
    busca        TEXT    NOT NULL
) STRICT;

-- Clustered by order and line: the lines of an order are one short scan, already in sequence.
-- A line whose value would not fit 64 bits is refused.
CREATE TABLE itens (
    num_pedido     TEXT    NOT NULL CHECK (length(num_pedido) BETWEEN 1 AND 50),
    linha          INTEGER NOT NULL,
    cod_produto    TEXT    NOT NULL CHECK (cod_produto <> ''),
    nome_produto   TEXT    NOT NULL,
    qtd_saldo      INTEGER NOT NULL,
    preco_unitario INTEGER,
    PRIMARY KEY (num_pedido, linha),
    CHECK (typeof(qtd_saldo * coalesce(preco_unitario, 0)) = 'integer')
) STRICT, WITHOUT ROWID;

CREATE INDEX itens_produto ON itens (cod_produto, num_pedido);

CREATE TABLE separacoes (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    lote        TEXT    NOT NULL DEFAULT '',
    num_pedido  TEXT    NOT NULL,
    cod_produto TEXT    NOT NULL CHECK (cod_produto <> ''),
    qtd         INTEGER NOT NULL,
    expedicao   TEXT    CHECK (expedicao IS date(expedicao) AND expedicao >= '0001-01-01')
) STRICT;

-- They hold all that is asked for by order (a need date, above all) and by product.
CREATE INDEX separacoes_pedido ON separacoes (num_pedido, expedicao, qtd);
CREATE INDEX separacoes_produto ON separacoes (cod_produto, num_pedido, lote, qtd, expedicao);

CREATE TABLE producao (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    cod_produto TEXT    NOT NULL CHECK (cod_produto <> ''),
    data        TEXT    CHECK (data IS date(data) AND data >= '0001-01-01'),
    qtd         INTEGER NOT NULL,
    linha       TEXT    CHECK (linha <> '')
) STRICT;

CREATE INDEX producao_produto ON producao (cod_produto, data, qtd);

CREATE TABLE unificacao (
    codigo_origem  TEXT NOT NULL CHECK (codigo_origem <> ''),
    codigo_destino TEXT NOT NULL CHECK (codigo_destino <> ''),
    PRIMARY KEY (codigo_origem, codigo_destino)
) STRICT;

CREATE INDEX unificacao_destino ON unificacao (codigo_destino, codigo_origem);

-- +goose Down

DROP TABLE unificacao;
DROP TABLE producao;
DROP TABLE separacoes;
DROP TABLE itens;
DROP TABLE pedidos;

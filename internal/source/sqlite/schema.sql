CREATE TABLE estoque (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    cod_produto TEXT    NOT NULL CHECK (cod_produto <> ''),
    local       TEXT    CHECK (local <> ''),
    data        TEXT    CHECK (data IS date(data) AND data >= '0001-01-01'),
    qtd         INTEGER NOT NULL,
    cancelado   INTEGER NOT NULL DEFAULT 0 CHECK (cancelado IN (0, 1))
) STRICT;

CREATE TRIGGER estoque_apaga AFTER DELETE ON estoque WHEN OLD.cancelado = 0
BEGIN
    UPDATE estoque_saldo SET qtd = qtd - OLD.qtd WHERE cod_produto = OLD.cod_produto;
END;

CREATE TRIGGER estoque_id_fixo BEFORE UPDATE OF id ON estoque WHEN NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'estoque: the id of a movement never changes');
END;

CREATE TRIGGER estoque_id_unico BEFORE INSERT ON estoque
WHEN EXISTS (SELECT 1 FROM estoque WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'estoque: a movement is never replaced; cancel it and insert another');
END;

CREATE TRIGGER estoque_insere AFTER INSERT ON estoque WHEN NEW.cancelado = 0
BEGIN
    INSERT INTO estoque_saldo (cod_produto, qtd)
    SELECT NEW.cod_produto, 0
    WHERE NOT EXISTS (SELECT 1 FROM estoque_saldo WHERE cod_produto = NEW.cod_produto);
    UPDATE estoque_saldo SET qtd = qtd + NEW.qtd WHERE cod_produto = NEW.cod_produto;
END;

CREATE TRIGGER estoque_muda AFTER UPDATE OF cod_produto, qtd, cancelado ON estoque
BEGIN
    UPDATE estoque_saldo SET qtd = qtd - OLD.qtd
    WHERE cod_produto = OLD.cod_produto AND OLD.cancelado = 0;
    INSERT INTO estoque_saldo (cod_produto, qtd)
    SELECT NEW.cod_produto, 0
    WHERE NEW.cancelado = 0
      AND NOT EXISTS (SELECT 1 FROM estoque_saldo WHERE cod_produto = NEW.cod_produto);
    UPDATE estoque_saldo SET qtd = qtd + NEW.qtd
    WHERE cod_produto = NEW.cod_produto AND NEW.cancelado = 0;
END;

CREATE TABLE estoque_saldo (
    cod_produto TEXT    NOT NULL PRIMARY KEY,
    qtd         INTEGER NOT NULL
) STRICT;

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

CREATE TRIGGER itens_apaga AFTER DELETE ON itens
BEGIN
    DELETE FROM pedidos_abertos WHERE num_pedido = OLD.num_pedido;
    INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
    SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
    FROM itens WHERE num_pedido = OLD.num_pedido AND qtd_saldo > 0 GROUP BY num_pedido;
END;

CREATE TRIGGER itens_insere AFTER INSERT ON itens
BEGIN
    DELETE FROM pedidos_abertos WHERE num_pedido = NEW.num_pedido;
    INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
    SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
    FROM itens WHERE num_pedido = NEW.num_pedido AND qtd_saldo > 0 GROUP BY num_pedido;
END;

CREATE TRIGGER itens_muda AFTER UPDATE OF num_pedido, linha, qtd_saldo, preco_unitario ON itens
BEGIN
    DELETE FROM pedidos_abertos WHERE num_pedido IN (OLD.num_pedido, NEW.num_pedido);
    INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
    SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
    FROM itens WHERE num_pedido IN (OLD.num_pedido, NEW.num_pedido) AND qtd_saldo > 0 GROUP BY num_pedido;
END;

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

CREATE TABLE pedidos_abertos (
    num_pedido  TEXT    NOT NULL PRIMARY KEY,
    itens       INTEGER NOT NULL,
    valor_total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE producao (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    cod_produto TEXT    NOT NULL CHECK (cod_produto <> ''),
    data        TEXT    CHECK (data IS date(data) AND data >= '0001-01-01'),
    qtd         INTEGER NOT NULL,
    linha       TEXT    CHECK (linha <> '')
) STRICT;

CREATE INDEX producao_produto ON producao (cod_produto, data, qtd);

CREATE TABLE separacoes (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    lote        TEXT    NOT NULL DEFAULT '',
    num_pedido  TEXT    NOT NULL,
    cod_produto TEXT    NOT NULL CHECK (cod_produto <> ''),
    qtd         INTEGER NOT NULL,
    expedicao   TEXT    CHECK (expedicao IS date(expedicao) AND expedicao >= '0001-01-01')
) STRICT;

CREATE INDEX separacoes_pedido ON separacoes (num_pedido, expedicao, qtd);

CREATE INDEX separacoes_produto ON separacoes (cod_produto, num_pedido, lote, qtd, expedicao);

CREATE TABLE unificacao (
    codigo_origem  TEXT NOT NULL CHECK (codigo_origem <> ''),
    codigo_destino TEXT NOT NULL CHECK (codigo_destino <> ''),
    PRIMARY KEY (codigo_origem, codigo_destino)
) STRICT;

CREATE INDEX unificacao_destino ON unificacao (codigo_destino, codigo_origem);


-- +goose Up

-- One row per order with an open line, so that the book can be listed without adding it up each
-- time. valor_total is exact, in units of 1e-5 of the currency. The triggers add an order up anew
-- whenever one of its lines changes, so that they are right whatever the statement was, INSERT OR
-- REPLACE included; an order whose value would not fit 64 bits makes sum() fail.
CREATE TABLE pedidos_abertos (
    num_pedido  TEXT    NOT NULL PRIMARY KEY,
    itens       INTEGER NOT NULL,
    valor_total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER itens_insere AFTER INSERT ON itens
BEGIN
    DELETE FROM pedidos_abertos WHERE num_pedido = NEW.num_pedido;
    INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
    SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
    FROM itens WHERE num_pedido = NEW.num_pedido AND qtd_saldo > 0 GROUP BY num_pedido;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER itens_apaga AFTER DELETE ON itens
BEGIN
    DELETE FROM pedidos_abertos WHERE num_pedido = OLD.num_pedido;
    INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
    SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
    FROM itens WHERE num_pedido = OLD.num_pedido AND qtd_saldo > 0 GROUP BY num_pedido;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER itens_muda AFTER UPDATE OF num_pedido, linha, qtd_saldo, preco_unitario ON itens
BEGIN
    DELETE FROM pedidos_abertos WHERE num_pedido IN (OLD.num_pedido, NEW.num_pedido);
    INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
    SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
    FROM itens WHERE num_pedido IN (OLD.num_pedido, NEW.num_pedido) AND qtd_saldo > 0 GROUP BY num_pedido;
END;
-- +goose StatementEnd

INSERT INTO pedidos_abertos (num_pedido, itens, valor_total)
SELECT num_pedido, count(*), sum(qtd_saldo * coalesce(preco_unitario, 0))
FROM itens WHERE qtd_saldo > 0 GROUP BY num_pedido;

-- +goose Down

DROP TRIGGER itens_muda;
DROP TRIGGER itens_apaga;
DROP TRIGGER itens_insere;
DROP TABLE pedidos_abertos;

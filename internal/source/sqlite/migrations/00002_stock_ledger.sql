-- +goose Up

-- The stock ledger: signed movements, which are cancelled rather than deleted.
CREATE TABLE estoque (
    id          INTEGER PRIMARY KEY CHECK (id > 0),
    cod_produto TEXT    NOT NULL CHECK (cod_produto <> ''),
    local       TEXT    CHECK (local <> ''),
    data        TEXT    CHECK (data IS date(data) AND data >= '0001-01-01'),
    qtd         INTEGER NOT NULL,
    cancelado   INTEGER NOT NULL DEFAULT 0 CHECK (cancelado IN (0, 1))
) STRICT;

-- The sum of each product's movements that are not cancelled, kept true by the triggers below.
-- SQLite's + turns into a REAL beyond 64 bits, which STRICT then refuses: a balance never wraps
-- around and never loses precision.
CREATE TABLE estoque_saldo (
    cod_produto TEXT    NOT NULL PRIMARY KEY,
    qtd         INTEGER NOT NULL
) STRICT;

-- The triggers write without any conflict of keys, because the ON CONFLICT of the statement that
-- fires a trigger would override theirs.

-- +goose StatementBegin
CREATE TRIGGER estoque_insere AFTER INSERT ON estoque WHEN NEW.cancelado = 0
BEGIN
    INSERT INTO estoque_saldo (cod_produto, qtd)
    SELECT NEW.cod_produto, 0
    WHERE NOT EXISTS (SELECT 1 FROM estoque_saldo WHERE cod_produto = NEW.cod_produto);
    UPDATE estoque_saldo SET qtd = qtd + NEW.qtd WHERE cod_produto = NEW.cod_produto;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER estoque_apaga AFTER DELETE ON estoque WHEN OLD.cancelado = 0
BEGIN
    UPDATE estoque_saldo SET qtd = qtd - OLD.qtd WHERE cod_produto = OLD.cod_produto;
END;
-- +goose StatementEnd

-- +goose StatementBegin
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
-- +goose StatementEnd

-- INSERT OR REPLACE would remove the row it replaces without firing a delete trigger.
-- +goose StatementBegin
CREATE TRIGGER estoque_id_unico BEFORE INSERT ON estoque
WHEN EXISTS (SELECT 1 FROM estoque WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'estoque: a movement is never replaced; cancel it and insert another');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER estoque_id_fixo BEFORE UPDATE OF id ON estoque WHEN NEW.id <> OLD.id
BEGIN
    SELECT RAISE(ABORT, 'estoque: the id of a movement never changes');
END;
-- +goose StatementEnd

-- +goose Down

DROP TABLE estoque_saldo;
DROP TABLE estoque;

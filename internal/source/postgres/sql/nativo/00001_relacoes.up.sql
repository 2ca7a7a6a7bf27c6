--pt As seis relações como tabelas, para quem importa arquivos. Textos desconhecidos são NULL, nunca '';
--pt quantidades têm 3 decimais e preços 2, nos limites de um inteiro de 64 bits da menor unidade.
--en The six relations as tables, for those who import files. A text that is not known is NULL, never
--en ''; quantities have 3 decimals and prices 2, in the range of a 64 bit integer of the smallest unit.

CREATE TABLE {schema}.pedidos (
    num_pedido   text COLLATE "C" NOT NULL PRIMARY KEY CHECK (char_length(num_pedido) BETWEEN 1 AND 50),
    cliente      text    CHECK (cliente <> ''),
    cnpj         text    CHECK (cnpj <> ''),
    cidade       text    CHECK (cidade <> ''),
    uf           text    CHECK (uf <> ''),
    vendedor     text    CHECK (vendedor <> ''),
    data_pedido  date    CHECK (data_pedido BETWEEN '0001-01-01' AND '9999-12-31'),
    data_entrega date    CHECK (data_entrega BETWEEN '0001-01-01' AND '9999-12-31'),
    importante   boolean NOT NULL DEFAULT false,
    observacao   text    CHECK (observacao <> '')
);

--pt Uma linha cujo valor não cabe em 64 bits (de 0,00001 da moeda) é recusada.
--en A line whose value does not fit 64 bits (of 0.00001 of the currency) is refused.
CREATE TABLE {schema}.itens (
    num_pedido     text COLLATE "C" NOT NULL CHECK (char_length(num_pedido) BETWEEN 1 AND 50),
    linha          bigint           NOT NULL,
    cod_produto    text COLLATE "C" NOT NULL CHECK (cod_produto <> ''),
    nome_produto   text             NOT NULL,
    qtd_saldo      numeric(19, 3)   NOT NULL CHECK (qtd_saldo BETWEEN -9223372036854775.808 AND 9223372036854775.807),
    preco_unitario numeric(19, 2)   CHECK (preco_unitario BETWEEN -92233720368547758.08 AND 92233720368547758.07),
    PRIMARY KEY (num_pedido, linha),
    CONSTRAINT itens_valor CHECK (qtd_saldo * preco_unitario BETWEEN -92233720368547.75808 AND 92233720368547.75807)
);
CREATE INDEX itens_produto ON {schema}.itens (cod_produto, num_pedido);

--pt O livro de movimentos: nunca mudam e não se apagam, cancelam-se. 'estoque' é a vista dos que contam.
--en The ledger of movements: they never change and are not deleted but cancelled. 'estoque' is the view
--en of those that count.
CREATE TABLE {schema}.movimentos (
    id          bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cod_produto text COLLATE "C" NOT NULL CHECK (cod_produto <> ''),
    local       text             CHECK (local <> ''),
    data        date             CHECK (data BETWEEN '0001-01-01' AND '9999-12-31'),
    qtd         numeric(19, 3)   NOT NULL CHECK (qtd BETWEEN -9223372036854775.808 AND 9223372036854775.807),
    cancelado   boolean          NOT NULL DEFAULT false
);
CREATE INDEX movimentos_produto ON {schema}.movimentos (cod_produto) INCLUDE (qtd) WHERE NOT cancelado;

CREATE VIEW {schema}.estoque AS
SELECT cod_produto, qtd, local, data FROM {schema}.movimentos WHERE NOT cancelado;

CREATE TABLE {schema}.separacoes (
    id          bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lote        text             NOT NULL DEFAULT '',
    num_pedido  text COLLATE "C" NOT NULL,
    cod_produto text COLLATE "C" NOT NULL CHECK (cod_produto <> ''),
    qtd         numeric(19, 3)   NOT NULL CHECK (qtd BETWEEN -9223372036854775.808 AND 9223372036854775.807),
    expedicao   date             CHECK (expedicao BETWEEN '0001-01-01' AND '9999-12-31')
);
CREATE INDEX separacoes_pedido ON {schema}.separacoes (num_pedido) INCLUDE (expedicao, qtd);
CREATE INDEX separacoes_produto ON {schema}.separacoes (cod_produto);

CREATE TABLE {schema}.producao (
    id          bigint           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cod_produto text COLLATE "C" NOT NULL CHECK (cod_produto <> ''),
    data        date             CHECK (data BETWEEN '0001-01-01' AND '9999-12-31'),
    qtd         numeric(19, 3)   NOT NULL CHECK (qtd BETWEEN -9223372036854775.808 AND 9223372036854775.807),
    linha       text             CHECK (linha <> '')
);
CREATE INDEX producao_produto ON {schema}.producao (cod_produto) INCLUDE (data, qtd);

CREATE TABLE {schema}.unificacao (
    codigo_origem  text COLLATE "C" NOT NULL CHECK (codigo_origem <> ''),
    codigo_destino text COLLATE "C" NOT NULL CHECK (codigo_destino <> ''),
    PRIMARY KEY (codigo_origem, codigo_destino)
);
CREATE INDEX unificacao_destino ON {schema}.unificacao (codigo_destino, codigo_origem);

--pt De um movimento só muda se foi cancelado.
--en Of a movement nothing changes but whether it is cancelled.
CREATE FUNCTION {schema}.movimento_fixo() RETURNS trigger LANGUAGE plpgsql AS $corpo$
BEGIN
    IF (NEW.id, NEW.cod_produto, NEW.local, NEW.data, NEW.qtd) IS DISTINCT FROM (OLD.id, OLD.cod_produto, OLD.local, OLD.data, OLD.qtd) THEN
        RAISE EXCEPTION 'movimentos: um movimento nunca muda; cancele-o e insira outro' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$corpo$;
CREATE TRIGGER movimento_fixo BEFORE UPDATE ON {schema}.movimentos FOR EACH ROW EXECUTE FUNCTION {schema}.movimento_fixo();

--pt O saldo de um produto e o valor de um pedido cabem sempre em 64 bits. O programa, quando substitui
--pt tudo, confere uma vez no fim.
--en A product's balance and an order's value always fit 64 bits. The program, when it replaces all,
--en checks once at the end.
CREATE FUNCTION {schema}.confere_saldo() RETURNS trigger LANGUAGE plpgsql AS $corpo$
BEGIN
    IF current_setting('ruptura.carga', true) = 'sim' THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM {schema}.movimentos
        WHERE NOT cancelado AND cod_produto IN (SELECT cod_produto FROM mudados)
        GROUP BY cod_produto HAVING sum(qtd) NOT BETWEEN -9223372036854775.808 AND 9223372036854775.807
    ) THEN
        RAISE EXCEPTION 'movimentos: o saldo do produto passa de 64 bits' USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    RETURN NULL;
END
$corpo$;
CREATE TRIGGER saldo_insere AFTER INSERT ON {schema}.movimentos
    REFERENCING NEW TABLE AS mudados FOR EACH STATEMENT EXECUTE FUNCTION {schema}.confere_saldo();
CREATE TRIGGER saldo_muda AFTER UPDATE ON {schema}.movimentos
    REFERENCING NEW TABLE AS mudados FOR EACH STATEMENT EXECUTE FUNCTION {schema}.confere_saldo();
CREATE TRIGGER saldo_apaga AFTER DELETE ON {schema}.movimentos
    REFERENCING OLD TABLE AS mudados FOR EACH STATEMENT EXECUTE FUNCTION {schema}.confere_saldo();

CREATE FUNCTION {schema}.confere_valor() RETURNS trigger LANGUAGE plpgsql AS $corpo$
BEGIN
    IF current_setting('ruptura.carga', true) = 'sim' THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM {schema}.itens
        WHERE qtd_saldo > 0 AND num_pedido IN (SELECT num_pedido FROM mudados)
        GROUP BY num_pedido HAVING sum(qtd_saldo * preco_unitario) NOT BETWEEN -92233720368547.75808 AND 92233720368547.75807
    ) THEN
        RAISE EXCEPTION 'itens: o valor do pedido passa de 64 bits' USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    RETURN NULL;
END
$corpo$;
CREATE TRIGGER valor_insere AFTER INSERT ON {schema}.itens
    REFERENCING NEW TABLE AS mudados FOR EACH STATEMENT EXECUTE FUNCTION {schema}.confere_valor();
CREATE TRIGGER valor_muda AFTER UPDATE ON {schema}.itens
    REFERENCING NEW TABLE AS mudados FOR EACH STATEMENT EXECUTE FUNCTION {schema}.confere_valor();
CREATE TRIGGER valor_apaga AFTER DELETE ON {schema}.itens
    REFERENCING OLD TABLE AS mudados FOR EACH STATEMENT EXECUTE FUNCTION {schema}.confere_valor();

-- The ERP's tables, as far as they are read, with the types and the null flags they have there.

CREATE TABLE carteira_principal (
    id                       serial PRIMARY KEY,
    num_pedido               varchar(50)   NOT NULL,
    cod_produto              varchar(50)   NOT NULL,
    nome_produto             varchar(255)  NOT NULL,
    qtd_saldo_produto_pedido numeric(15,3) NOT NULL,
    preco_produto_pedido     numeric(15,2),
    ativo                    boolean       DEFAULT true,
    importante               boolean       NOT NULL DEFAULT false,
    raz_social_red           varchar(100),
    cnpj_cpf                 varchar(20)   NOT NULL,
    municipio                varchar(100),
    estado                   varchar(2),
    vendedor                 varchar(100),
    data_pedido              date,
    data_entrega_pedido      date,
    observ_ped_1             text,
    UNIQUE (num_pedido, cod_produto)
);

CREATE TABLE movimentacao_estoque (
    id                 serial PRIMARY KEY,
    cod_produto        varchar(50)   NOT NULL,
    nome_produto       varchar(200)  NOT NULL,
    data_movimentacao  date          NOT NULL,
    tipo_movimentacao  varchar(50)   NOT NULL,
    local_movimentacao varchar(50)   NOT NULL,
    qtd_movimentacao   numeric(15,3) NOT NULL,
    status_nf          varchar(20),
    ativo              boolean       DEFAULT true
);

CREATE TABLE separacao (
    id                serial PRIMARY KEY,
    separacao_lote_id varchar(50),
    num_pedido        varchar(50),
    cod_produto       varchar(50),
    qtd_saldo         double precision,
    expedicao         date,
    sincronizado_nf   boolean     DEFAULT false,
    status            varchar(20) NOT NULL DEFAULT 'ABERTO'
);

CREATE TABLE programacao_producao (
    id               serial PRIMARY KEY,
    cod_produto      varchar(50)      NOT NULL,
    data_programacao date             NOT NULL,
    qtd_programada   double precision NOT NULL,
    linha_producao   varchar(50)
);

CREATE TABLE unificacao_codigos (
    id             serial PRIMARY KEY,
    codigo_origem  integer NOT NULL,
    codigo_destino integer NOT NULL,
    ativo          boolean DEFAULT true,
    UNIQUE (codigo_origem, codigo_destino)
);

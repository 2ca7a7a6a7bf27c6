-- The indexes that the ERP has on these columns.

CREATE INDEX carteira_aberta ON carteira_principal (num_pedido, cod_produto)
    WHERE ativo = true AND qtd_saldo_produto_pedido > 0;
CREATE INDEX carteira_cliente ON carteira_principal (cnpj_cpf, vendedor);
CREATE INDEX carteira_produto_saldo ON carteira_principal (cod_produto, qtd_saldo_produto_pedido);
CREATE INDEX carteira_ativo ON carteira_principal (ativo);
CREATE INDEX carteira_cnpj ON carteira_principal (cnpj_cpf);
CREATE INDEX carteira_produto ON carteira_principal (cod_produto);
CREATE INDEX carteira_data ON carteira_principal (data_pedido);
CREATE INDEX carteira_importante ON carteira_principal (importante);
CREATE INDEX carteira_pedido ON carteira_principal (num_pedido);
CREATE INDEX carteira_vendedor ON carteira_principal (vendedor);

CREATE INDEX movimentacao_produto_data ON movimentacao_estoque (cod_produto, data_movimentacao);
CREATE INDEX movimentacao_tipo_data ON movimentacao_estoque (tipo_movimentacao, data_movimentacao);
CREATE INDEX movimentacao_status_nf ON movimentacao_estoque (status_nf);
CREATE INDEX movimentacao_ativo ON movimentacao_estoque (ativo);
CREATE INDEX movimentacao_produto ON movimentacao_estoque (cod_produto);
CREATE INDEX movimentacao_data ON movimentacao_estoque (data_movimentacao);
CREATE INDEX movimentacao_tipo ON movimentacao_estoque (tipo_movimentacao);

CREATE INDEX separacao_produto_expedicao ON separacao (cod_produto, expedicao);
CREATE INDEX separacao_expedicao_nf ON separacao (expedicao, sincronizado_nf);
CREATE INDEX separacao_expedicao_produto ON separacao (expedicao, cod_produto);
CREATE INDEX separacao_lote_status ON separacao (separacao_lote_id, status);
CREATE INDEX separacao_lote_nf ON separacao (separacao_lote_id, sincronizado_nf);
CREATE INDEX separacao_pedido ON separacao (num_pedido);
CREATE INDEX separacao_pedido_produto_nf ON separacao (num_pedido, cod_produto, sincronizado_nf);
CREATE INDEX separacao_pedido_nf ON separacao (num_pedido, sincronizado_nf);
CREATE INDEX separacao_produto_saldo ON separacao (cod_produto, qtd_saldo);
CREATE INDEX separacao_lote ON separacao (separacao_lote_id);
CREATE INDEX separacao_status ON separacao (status);

CREATE INDEX programacao_data_linha ON programacao_producao (data_programacao, linha_producao);
CREATE INDEX programacao_produto_data ON programacao_producao (cod_produto, data_programacao);
CREATE INDEX programacao_produto ON programacao_producao (cod_produto);
CREATE INDEX programacao_data ON programacao_producao (data_programacao);

CREATE INDEX unificacao_ativo ON unificacao_codigos (ativo);
CREATE INDEX unificacao_codigo_origem ON unificacao_codigos (codigo_origem);
CREATE INDEX unificacao_codigo_destino ON unificacao_codigos (codigo_destino);

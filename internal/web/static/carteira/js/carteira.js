// @ts-check
/**
 * What only the page /carteira has beyond the client: the figures above the table, the theme
 * switch and a tidy address. It knows the client by its events alone.
 */
(() => {
'use strict';

const DEGREES = ['CRITICA', 'ALTA', 'MEDIA', 'BAIXA'];
const VALUES = ['valor_total_pedido', 'valor_disponivel', 'valor_com_ruptura'];
const english = document.documentElement.lang.startsWith('en');
const numbers = new Intl.NumberFormat(english ? 'en-US' : 'pt-BR');
const money = new Intl.NumberFormat(english ? 'en-US' : 'pt-BR', {style: 'currency', currency: 'BRL', maximumFractionDigits: 0});

/** Sums over all orders analysed, in whole cents so that they add up exactly. */
class Figures {
  /** @type {Map<string, {run: number, degree: string, cents: number[]}>} */ #orders = new Map();
  #root = document.getElementById('figuras');
  #spread = document.getElementById('distribuicao');
  #run = 0;
  #drawing = false;

  /** @param {HTMLElement} table */
  constructor(table) {
    table.addEventListener('ruptura:inicio', () => { this.#run++; });
    table.addEventListener('ruptura:resultado', (event) => this.#add(/** @type {CustomEvent} */ (event).detail));
    table.addEventListener('ruptura:completo', () => this.#complete());
  }

  /** @param {{pedido: string, resultado: any}} detail */
  #add({pedido, resultado}) {
    if (!resultado.success) this.#orders.delete(pedido);
    else {
      const s = resultado.resumo;
      this.#orders.set(pedido, {run: this.#run, degree: resultado.pedido_ok ? 'ok' : s.criticidade, cents: VALUES.map((v) => Math.round(s[v] * 100))});
    }
    this.#draw();
  }

  /** Orders that the last analysis did not meet have left the book. */
  #complete() {
    for (const [order, {run}] of this.#orders) if (run !== this.#run) this.#orders.delete(order);
    this.#draw();
  }

  #draw() {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#root?.removeAttribute('data-pendente');
      this.#show();
    });
  }

  #show() {
    const count = /** @type {Record<string, number>} */ ({ok: 0, CRITICA: 0, ALTA: 0, MEDIA: 0, BAIXA: 0});
    const cents = [0, 0, 0];
    for (const order of this.#orders.values()) {
      count[order.degree]++;
      order.cents.forEach((value, i) => { cents[i] += value; });
    }
    const all = this.#orders.size;
    const short = all - count.ok;
    this.#write('ok', numbers.format(count.ok));
    this.#write('ok-parte', share(count.ok, all));
    this.#write('ruptura', numbers.format(short));
    for (const degree of DEGREES) this.#write(degree, numbers.format(count[degree]));
    VALUES.forEach((name, i) => this.#write(name, money.format(cents[i] / 100)));
    this.#write('valor_disponivel-parte', share(cents[1], cents[0]));
    this.#write('valor_com_ruptura-parte', share(cents[2], cents[0]));
    for (const name of ['ok', ...DEGREES]) this.#grow(name.toLowerCase(), count[name]);
    this.#grow('rest', all ? 0 : 1);
  }

  /** @param {string} name @param {string} text */
  #write(name, text) {
    const place = this.#root?.querySelector(`[data-figura="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  }

  /** @param {string} name @param {number} part */
  #grow(name, part) {
    const bar = /** @type {HTMLElement|null|undefined} */ (this.#spread?.querySelector(`.${name}`));
    if (bar) bar.style.flexGrow = String(part);
  }
}

/** A share that says 0 % or 100 % only when it is. @param {number} part @param {number} whole */
function share(part, whole) {
  if (!whole) return '';
  const percent = Math.round(part / whole * 100);
  if (part > 0 && part < whole) return `${Math.min(Math.max(percent, 1), 99)}%`;
  return `${percent}%`;
}

/** Changes the theme without loading the page again; without this script the links do it. */
function switchTheme() {
  const nav = document.getElementById('tema');
  nav?.addEventListener('click', (event) => {
    const link = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest('[data-tema-escolha]'));
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const theme = link.dataset.temaEscolha ?? 'sistema';
    const base = new URL(nav.dataset.base || '/', location.href).pathname;
    document.cookie = `ruptura_tema=${theme}; Path=${base}; Max-Age=31536000; SameSite=Lax`;
    if (theme === 'sistema') delete document.documentElement.dataset.tema;
    else document.documentElement.dataset.tema = theme;
    for (const other of nav.querySelectorAll('a')) other.toggleAttribute('aria-current', false);
    link.setAttribute('aria-current', 'true');
  });
}

/** An address to share holds neither empty fields nor one's own language and theme. */
function tidyAddress() {
  const url = new URL(location.href);
  for (const [name, value] of [...url.searchParams]) {
    if (value === '' || name === 'lang' || name === 'tema') url.searchParams.delete(name);
  }
  if (url.href !== location.href) history.replaceState(history.state, '', url);
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById('filtros'));
  form?.addEventListener('formdata', (event) => {
    const {formData} = event;
    for (const [name, value] of [...formData]) if (value === '') formData.delete(name);
    if (formData.get('ordem') === 'data_necessidade') formData.delete('ordem');
  });
}

/** Offers to sort by results once there are any. @param {HTMLElement} table */
function sortByResults(table) {
  table.addEventListener('ruptura:completo', (event) => {
    const place = document.getElementById('por-resultado');
    for (const link of place?.querySelectorAll('a') ?? []) {
      const url = new URL(link.dataset.endereco ?? '', location.href);
      url.searchParams.set('sessao', /** @type {CustomEvent} */ (event).detail.sessao);
      link.href = url.href;
    }
    place?.removeAttribute('data-vazio');
  });
}

/** The server writes the company's time; beside the client's it must be the reader's own. */
function localTime() {
  const time = /** @type {HTMLTimeElement|null} */ (document.querySelector('.fresh time'));
  if (time) time.textContent = new Intl.DateTimeFormat(english ? 'en-GB' : 'pt-BR', {timeStyle: 'medium'}).format(new Date(time.dateTime));
}

const table = document.getElementById('tabela-carteira');
localTime();
switchTheme();
tidyAddress();
if (table) {
  new Figures(table);
  sortByResults(table);
}
})();

// @ts-check
/**
 * Begins the analysis of the page /carteira while its table is still on its way: the server knows the filter and the
 * rows, so they need not be read from the page. What has begun waits for the client, which takes it and goes on with
 * it; nothing here is shown or repeated. Without this script the client begins by itself, and does all the same.
 *
 * The stream is opened beside the request, not after its answer: while the browser is busy with the page the answer may
 * wait long for its turn. So the server has written into the page which ID the session will have.
 *
 *   <script src="…/adiantado.js" data-ruptura-api="" data-ruptura-sessao="…" data-ruptura-corpo='{"filtro": {}, "primeiro": ["…"]}'>
 */
(() => {
'use strict';

const EARLY = Symbol.for('ruptura-adiantado');
const script = /** @type {HTMLScriptElement|null} */ (document.currentScript);
if (!script || EARLY in window) return;
const {rupturaApi: api = '', rupturaSessao: session = '', rupturaCorpo: body = '{}'} = script.dataset;

/** Whether the page comes for the first time, and before its client. */
function timely() {
  const late = document.readyState === 'complete' || Symbol.for('ruptura-worker-client') in window; // the client is here, or will not come
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  // A page that is shown again may be shown from its middle: then only the client knows which rows are in view.
  if (late || visit?.type !== 'navigate') return false;
  // A copy of a page, as of a tab that is duplicated or restored, has had its session: its results are old.
  if (history.state?.rupturaSessao === session) return false;
  history.replaceState({...history.state, rupturaSessao: session}, '');
  return true;
}
if (!timely()) return;

const over = new AbortController();
/** What came over the stream so far. @type {string[]} */ const heard = [];

/** Reads the answer while nobody waits for it, so that whoever takes it need not wait for a turn. @param {Response} response */
async function read(response) {
  if (!response.ok && heard.length === 0) { // it would wait for a session that is not to be
    source.close();
    stream.session = '';
  }
  const text = await response.text();
  return Object.defineProperty(response, 'json', {value: async () => JSON.parse(text)});
}

const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
const answer = fetch(`${api}/api/ruptura/processar-lote`, {
  method: 'POST', body, signal: over.signal,
  headers: {
    'Content-Type': 'application/json', 'Accept': 'application/json', 'Accept-Language': document.documentElement.lang, 'Idempotency-Key': key,
    'X-Ruptura-Session': session,
  },
}).then(read);
answer.catch(() => { /* whoever takes the answer is told, and tries again */ });
const source = new EventSource(`${api}/api/ruptura/stream/${session}?aguardar=true`);
/** Settles when something comes over the stream: then there is a session, whatever becomes of the answer. */
const begun = /** @type {Promise<void>} */ (new Promise((resolve) => {
  source.onmessage = ({data}) => {
    heard.push(data);
    resolve();
  };
}));

const stream = {session, source, heard};

function end() {
  over.abort();
  source.close();
}

/**
 * Gives away, once, what has begun, if it is what is wanted: from then on whoever took it has to end it.
 * @param {string} base where the API stands @param {{filtro?: object, modo?: string, politica?: string}} wanted the body of a request
 */
function take(base, {filtro, modo, politica}) {
  const asked = JSON.parse(body);
  const likewise = modo === asked.modo && politica === asked.politica;
  if (over.signal.aborted || base !== api || !likewise || JSON.stringify(filtro) !== JSON.stringify(asked.filtro)) return null;
  for (const event of ENDS) window.removeEventListener(event, end);
  Object.assign(window, {[EARLY]: undefined});
  return {key, answer, begun, end, stream};
}

/** By the load event the client has run. What it has not taken, as where it could not be loaded, is wanted by nobody. */
const ENDS = ['load', 'pagehide'];
for (const event of ENDS) window.addEventListener(event, end);
Object.assign(window, {[EARLY]: {take}});
})();

// Keeps a Swagger UI page in step with the app: a banner, a chip, marks on operations, and the document itself.
// Text from operators is only ever set as text or as an attribute.
(() => {
  'use strict';
  const base = new URL('waygate/', document.currentScript.src);
  let marks = new Map();
  let shownRevision = null;

  const bar = element('div', 'waygate-bar');
  bar.setAttribute('role', 'status');
  bar.setAttribute('aria-live', 'polite');
  const chip = element('span', 'waygate-chip');
  const banner = element('div', 'waygate-banner');
  banner.hidden = true;
  bar.append(banner, chip);

  function start() {
    document.body.insertBefore(bar, document.getElementById('swagger-ui'));
    setChip('connecting', 'Connecting…');
    new MutationObserver(markOperations).observe(document.getElementById('swagger-ui'), { childList: true, subtree: true });
    const events = new EventSource(new URL('events', base));
    events.addEventListener('state', (event) => show(JSON.parse(event.data)));
    events.addEventListener('error', () => setChip('lost', 'Connection lost, trying again…'));
  }

  function show(state) {
    marks = new Map(state.operations.map((operation) => [`${operation.method} ${operation.path}`, operation]));
    const stopped = state.operations.filter((operation) => operation.status === 'maintenance').length;
    showBanner(state.maintenance);
    if (state.maintenance !== null) setChip('maintenance', 'Global maintenance');
    else if (stopped > 0)
      setChip('partial', stopped === 1 ? '1 operation in maintenance' : `${stopped} operations in maintenance`);
    else setChip('operational', 'All operational');
    markOperations();
    const fingerprint = JSON.stringify(state);
    // The page was served with the document of its time; only what came later has to be fetched.
    if (shownRevision !== fingerprint) void refreshDocument(fingerprint, shownRevision === null);
  }

  function showBanner(maintenance) {
    banner.hidden = maintenance === null;
    if (maintenance === null) return;
    banner.replaceChildren(element('strong', '', 'Everything is in maintenance.'));
    if (maintenance.reason !== '') banner.append(element('span', 'waygate-reason', maintenance.reason));
    if (maintenance.exempt.length > 0) {
      const exempt = element('span', 'waygate-exempt', 'Still up: ');
      maintenance.exempt.forEach((path) => exempt.append(element('code', '', path)));
      banner.append(exempt);
    }
  }

  async function refreshDocument(fingerprint, first) {
    shownRevision = fingerprint;
    const ui = window.ui;
    if (ui === undefined) {
      setTimeout(() => void refreshDocument(fingerprint, first), 50);
      return;
    }
    try {
      const response = await fetch(new URL('document', base), { cache: 'no-store' });
      if (!response.ok || shownRevision !== fingerprint) return;
      const text = await response.text();
      if (first && text === JSON.stringify(ui.specSelectors.specJson().toJS())) return;
      ui.specActions.updateSpec(text);
    } catch {
      // The stream tells when the server is back, and brings the state again.
      shownRevision = null;
    }
  }

  function markOperations() {
    for (const block of document.querySelectorAll('#swagger-ui .opblock')) {
      const path = block.querySelector('.opblock-summary-path, .opblock-summary-path__deprecated')?.getAttribute('data-path');
      const method = block.querySelector('.opblock-summary-method')?.textContent?.trim().toLowerCase();
      const mark = path && method ? marks.get(`${method} ${path}`) : undefined;
      const status = mark?.status === 'maintenance' ? 'maintenance' : null;
      const summary = block.querySelector('.opblock-summary-control');
      setMark(block, 'data-waygate', status);
      if (summary === null) continue;
      setMark(summary, 'data-waygate', status);
      setMark(summary, 'data-waygate-note', noteOf(mark));
    }
  }

  function noteOf(mark) {
    if (mark === undefined) return null;
    if (mark.status === 'maintenance') return mark.until === null ? 'Maintenance' : `Maintenance until ${local(mark.until)}`;
    return mark.sunset === null ? null : `Sunset ${new Date(mark.sunset).toLocaleDateString(undefined, { dateStyle: 'medium' })}`;
  }

  function setMark(node, name, value) {
    if (value === null) {
      if (node.hasAttribute(name)) node.removeAttribute(name);
    } else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }

  function setChip(kind, text) {
    chip.dataset.kind = kind;
    chip.textContent = text;
  }

  function local(instant) {
    return new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  }

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className !== '') node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
})();

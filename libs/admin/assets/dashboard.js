// What pages do beyond plain links and forms. Everything works without it, except what lives by itself.
(() => {
  'use strict';
  const root = document.querySelector('meta[name="waygate-root"]')?.content ?? '';
  const byId = (id) => document.getElementById(id);
  document.documentElement.classList.add('scripted');

  // ── Times
  const steps = [
    [90, 1, 's'],
    [5400, 60, 'min'],
    [129600, 3600, 'h'],
    [Infinity, 86400, 'd'],
  ];
  function relative(at) {
    const seconds = Math.round((at - Date.now()) / 1000);
    const distance = Math.abs(seconds);
    if (distance < 5) return 'now';
    const [, unit, name] = steps.find(([limit]) => distance < limit);
    const text = `${Math.round(distance / unit)} ${name}`;
    return seconds < 0 ? `${text} ago` : `in ${text}`;
  }
  function tellTimes(scope = document) {
    for (const time of scope.querySelectorAll('time[data-relative]')) {
      const at = Date.parse(time.dateTime);
      const text = relative(at);
      if (time.textContent !== text) time.textContent = text;
      time.title = `${new Date(at).toLocaleString()} · ${time.dateTime.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}`;
    }
  }
  setInterval(tellTimes, 5_000);

  // ── Moments: typed in the viewer's zone, sent in UTC
  function tellMoment(input) {
    const output = input.parentElement?.querySelector('output');
    if (!output) return;
    const at = input.value === '' ? null : new Date(input.value);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    output.textContent =
      at === null || Number.isNaN(at.getTime()) ? zone : `${zone} · ${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  }
  function momentsOf(form) {
    return [...form.querySelectorAll('input[data-moment]')].filter((input) => input.value !== '');
  }
  document.addEventListener('input', (event) => {
    if (event.target.matches?.('input[data-moment]')) {
      tellMoment(event.target);
      if (event.target.name === 'expires_at') {
        const select = event.target.form?.elements.namedItem('expires_in');
        if (select) select.value = event.target.value === '' ? '' : 'at';
      }
    }
  });
  document.addEventListener('htmx:configRequest', ({ target, detail }) => {
    const form = target.closest?.('form');
    if (!form || detail.verb === 'get') return;
    for (const input of momentsOf(form)) detail.parameters.set?.(input.name, new Date(input.value).toISOString());
  });

  // ── Dialogs
  const dialog = byId('dialog');
  let opener = null;
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('[hx-target="#dialog-body"]');
    if (link) {
      opener = link.closest('details.menu')?.querySelector('summary') ?? link;
      for (const menu of document.querySelectorAll('details.menu[open]')) menu.open = false;
    }
    if (event.target.closest?.('[data-close]') && dialog?.open) {
      event.preventDefault();
      dialog.close();
    }
    if (event.target === dialog) dialog.close();
    const dismissed = event.target.closest?.('[data-dismiss]');
    if (dismissed) dismissed.closest('[data-toast]')?.remove();
    for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  dialog?.addEventListener('close', () => {
    byId('dialog-body').replaceChildren();
    if (opener?.isConnected) opener.focus();
    else byId('main')?.focus();
  });
  document.addEventListener('waygate:done', () => {
    if (dialog?.open) dialog.close();
    clearSelection();
    refresh();
  });

  // ── Toasts
  const TOAST_MS = 12_000;
  function keepShort(toast) {
    if (toast.dataset.timed) return;
    toast.dataset.timed = 'yes';
    const leave = () => (toast.matches(':hover, :focus-within') ? setTimeout(leave, 2_000) : toast.remove());
    setTimeout(leave, TOAST_MS);
  }
  function say(text) {
    const toast = document.createElement('div');
    toast.className = 'toast toast-error';
    toast.dataset.toast = '';
    const line = document.createElement('p');
    line.textContent = text;
    const button = document.createElement('button');
    button.className = 'link';
    button.type = 'button';
    button.dataset.dismiss = '';
    button.textContent = 'Dismiss';
    toast.append(line, button);
    byId('toasts')?.append(toast);
    keepShort(toast);
  }
  document.addEventListener('htmx:responseError', ({ detail }) => {
    const { status, responseText } = detail.xhr;
    if (status !== 401) say(responseText.startsWith('<') ? `That did not work (${status}).` : responseText);
  });
  document.addEventListener('htmx:sendError', () => say('The server cannot be reached. Nothing was changed.'));

  // ── Selection of rows
  const selected = new Set();
  const boxes = () => [...document.querySelectorAll('input[name="key"][form="bulk"]')];
  function tellSelection() {
    const bar = document.querySelector('[data-bulk]');
    if (!bar) return;
    bar.toggleAttribute('data-active', selected.size > 0);
    bar.querySelector('[data-bulk-count]').textContent = `${selected.size} selected`;
    const all = document.querySelector('[data-select-all]');
    const count = boxes().filter((box) => box.checked).length;
    if (all) {
      all.checked = count > 0 && count === boxes().length;
      all.indeterminate = count > 0 && count < boxes().length;
    }
  }
  function clearSelection() {
    selected.clear();
    for (const box of boxes()) box.checked = false;
    tellSelection();
  }
  document.addEventListener('change', ({ target }) => {
    if (target.matches?.('[data-select-all]')) for (const box of boxes()) box.checked = target.checked;
    if (target.matches?.('[data-select-all], input[name="key"][form="bulk"]')) {
      for (const box of boxes()) selected[box.checked ? 'add' : 'delete'](box.value);
      tellSelection();
    }
  });
  // ── Tabs that do not fit beside each other
  /** How far each list of tabs is scrolled, by its name: it stays so when it is fetched anew. */
  const scrolledTo = new Map();
  function showTab(tab) {
    const tabs = tab.parentElement;
    if (tabs.dataset.shown) return;
    tabs.dataset.shown = 'yes';
    const name = tabs.getAttribute('aria-label');
    const chosen = tab.getBoundingClientRect().left - tabs.getBoundingClientRect().left - 40;
    tabs.scrollLeft = scrolledTo.get(name) ?? chosen;
    tabs.addEventListener('scroll', () => scrolledTo.set(name, tabs.scrollLeft), { passive: true });
  }

  // ── After a piece of the page came
  function arrived(target) {
    tellTimes(document);
    for (const box of boxes()) box.checked = selected.has(box.value);
    tellSelection();
    for (const input of document.querySelectorAll('input[data-moment]')) tellMoment(input);
    for (const toast of document.querySelectorAll('[data-toast]')) keepShort(toast);
    for (const group of document.querySelectorAll('[data-rollout]')) startRollout(group);
    if (target?.id === 'dialog-body' && target.childElementCount > 0) {
      if (!dialog.open) dialog.showModal();
      const wrong = dialog.querySelector('[role="alert"]');
      const first = dialog.querySelector(
        '.dialog-content :is(input:not([type="hidden"]), select, textarea), .dialog-foot .primary',
      );
      if (wrong) wrong.scrollIntoView({ block: 'nearest' });
      first?.focus();
    }
    for (const tab of document.querySelectorAll('.tab[aria-current]')) showTab(tab);
    document.dispatchEvent(new CustomEvent('waygate:arrived'));
  }
  document.addEventListener('htmx:afterSettle', ({ detail }) => arrived(detail.target));

  /** Whether a part of the page is older than what is known to have changed. */
  let behind = false;

  // A part may be fetched anew while a search for it is under way. The answer to the search then belongs in the new part.
  document.addEventListener('htmx:beforeOnLoad', ({ detail }) => {
    const { target, requestConfig } = detail;
    if (target?.id && !target.isConnected && target !== requestConfig.elt) detail.target = byId(target.id) ?? target;
  });

  // Between press and release, too: a click ends where it began, or is none.
  let pressed = null;
  addEventListener('pointerdown', (event) => (pressed = event.button === 0 ? event.target : null), true);
  // The click itself comes after this.
  const released = () => pressed && setTimeout(() => (pressed = null));
  for (const type of ['pointerup', 'pointercancel']) addEventListener(type, released, true);
  // It was let go where no page hears of it.
  addEventListener('pointermove', (event) => event.buttons === 0 && released(), true);
  // Of the window, not of what had the focus before the press.
  addEventListener('blur', released);

  // What is open or being typed in a part that is fetched anew stays so.
  const opened = new Set();
  document.addEventListener('htmx:beforeSwap', (event) => {
    const { detail } = event;
    const isOwn = detail.target === detail.requestConfig.elt;
    // What waits for an answer within the part would be gone when that comes, as would a menu that was opened while the part was on its
    // way: it is fetched again afterwards.
    if (isOwn && (detail.target.contains(pressed) || detail.target.querySelector('.htmx-request, details.menu[open]'))) {
      behind = true;
      event.preventDefault();
      return;
    }
    // The part's own answer, still under way, comes to nothing now. It may know of something that this one does not.
    if (!isOwn && detail.target.classList.contains('htmx-request')) behind = true;
    opened.clear();
    for (const details of detail.target.querySelectorAll?.('details[open][id]') ?? []) opened.add(details.id);
  });
  document.addEventListener('htmx:afterSwap', () => {
    for (const id of opened) {
      const details = byId(id);
      if (details) details.open = true;
    }
  });

  // ── Live updates
  let refreshing;
  function refresh() {
    clearTimeout(refreshing);
    refreshing = setTimeout(() => {
      // A menu that is open, or a text being chosen, is not pulled away from under the hand.
      if (document.hidden || document.querySelector('details.menu[open]')) return void (behind = true);
      behind = false;
      htmx.trigger(document.body, 'waygate:changed');
    }, 40);
  }
  setInterval(() => behind && refresh(), 1_000);
  document.addEventListener('visibilitychange', () => behind && refresh());

  // Figures of traffic change without anybody changing anything.
  const TRAFFIC_MS = 5_000;
  setInterval(() => {
    if (document.hidden || document.querySelector('details.menu[open]')) return;
    for (const part of document.querySelectorAll('[data-traffic]')) {
      // Where somebody is with the keyboard, they stay.
      if (!part.contains(document.activeElement)) htmx.trigger(part, 'waygate:traffic');
    }
  }, TRAFFIC_MS);

  let lost = false;
  function tellConnection(isLost) {
    document.body.classList.toggle('offline', isLost);
    const line = byId('connection');
    if (line) line.textContent = isLost ? 'Connection lost. What you see may be out of date; trying again …' : '';
    if (lost && !isLost) refresh();
    lost = isLost;
  }
  function heard({ data }) {
    const { revision, health } = JSON.parse(data);
    const shown = byId('revision');
    if (shown) shown.textContent = `r${revision}`;
    const state = byId('live-state');
    if (state) {
      state.textContent = health === 'ready' ? 'Live' : health;
      state.parentElement.className = `health health-${health}`;
    }
  }
  function follow() {
    const source = new EventSource(`${root}/live`);
    source.addEventListener('hello', (event) => {
      const before = byId('revision')?.textContent;
      heard(event);
      tellConnection(false);
      if (before !== byId('revision')?.textContent) refresh();
      document.documentElement.dataset.live = 'yes';
    });
    source.addEventListener('change', (event) => {
      heard(event);
      refresh();
    });
    source.addEventListener('error', () => {
      tellConnection(true);
      if (source.readyState !== EventSource.CLOSED) return;
      source.close();
      setTimeout(follow, 2_000);
    });
    addEventListener('pagehide', () => source.close(), { once: true });
  }
  if (byId('revision')) follow();

  // ── Keyboard: palette and search
  const palette = byId('palette');
  const paletteInput = byId('palette-input');
  const results = () => [...byId('palette-results').querySelectorAll('.result')];
  /** The text that the results are for. */
  let shownFor = null;
  let chooseWhenShown = false;
  function openPalette(text = '') {
    if (!palette || palette.open) return;
    palette.showModal();
    chooseWhenShown = false;
    paletteInput.value = text;
    paletteInput.focus();
    htmx.trigger(paletteInput, 'waygate:open');
  }
  function choose(index) {
    const all = results();
    if (all.length === 0) return;
    const at = (index + all.length) % all.length;
    all.forEach((result, i) => result.setAttribute('aria-selected', String(i === at)));
    all[at].scrollIntoView({ block: 'nearest' });
    paletteInput.setAttribute('aria-activedescendant', all[at].id);
  }
  const current = () => results().findIndex((result) => result.getAttribute('aria-selected') === 'true');
  paletteInput?.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') choose(current() + 1);
    else if (event.key === 'ArrowUp') choose(current() - 1);
    else if (event.key === 'Enter') {
      // Results of what was typed before are not what is meant.
      if (shownFor === paletteInput.value) (results()[current()] ?? results()[0])?.click();
      else chooseWhenShown = true;
    } else return;
    event.preventDefault();
  });
  document.addEventListener('htmx:afterSettle', ({ detail }) => {
    if (detail.target.id !== 'palette-results') return;
    shownFor =
      new URL(detail.pathInfo.responsePath ?? detail.pathInfo.finalRequestPath, location.href).searchParams.get('q') ?? '';
    choose(0);
    if (!chooseWhenShown || shownFor !== paletteInput.value) return;
    chooseWhenShown = false;
    results()[0]?.click();
  });
  palette?.addEventListener('click', (event) => {
    if (event.target === palette || event.target.closest('[hx-target="#dialog-body"]')) palette.close();
  });
  for (const input of document.querySelectorAll('[data-palette]')) {
    input.addEventListener('focus', () => {
      input.blur();
      openPalette();
    });
  }
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      openPalette();
    }
    const typing = event.target.matches?.('input, textarea, select, [contenteditable]');
    if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.querySelector('[data-search]');
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    }
    if (event.key === 'Escape') {
      for (const menu of document.querySelectorAll('details.menu[open]')) {
        menu.open = false;
        menu.querySelector('summary').focus();
      }
      toggleNavigation(false);
    }
  });

  // ── Navigation on narrow screens
  const menuButton = document.querySelector('[data-menu]');
  function toggleNavigation(open) {
    document.body.classList.toggle('navigation-open', open);
    menuButton?.setAttribute('aria-expanded', String(open));
    if (open) byId('navigation').querySelector('a')?.focus();
  }
  menuButton?.addEventListener('click', () => toggleNavigation(!document.body.classList.contains('navigation-open')));
  document.addEventListener('click', (event) => {
    if (document.body.classList.contains('navigation-open') && !event.target.closest('#navigation, [data-menu]'))
      toggleNavigation(false);
  });

  // ── Theme, without leaving the page
  const themes = ['auto', 'light', 'dark'];
  document.querySelector('[data-theme-form]')?.addEventListener('submit', (event) => {
    event.preventDefault();
    const button = event.target.querySelector('button');
    const theme = button.value;
    document.documentElement.dataset.theme = theme;
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `waygate_theme=${theme}; Path=${root || '/'}; Max-Age=31536000; SameSite=Strict${secure}`;
    button.value = themes[(themes.indexOf(theme) + 1) % themes.length];
    button.title = `Theme: ${theme}`;
    button.setAttribute('aria-label', `Theme: ${theme}`);
    document.dispatchEvent(new CustomEvent('waygate:theme'));
  });

  // ── Rollouts: shares always add up to 100 %
  function startRollout(group) {
    if (group.dataset.started) return;
    group.dataset.started = 'yes';
    const numbers = [...group.querySelectorAll('input[type="number"]')];
    const ranges = [...group.querySelectorAll('input[type="range"]')];
    const show = () => numbers.forEach((number, i) => ranges[i] && (ranges[i].value = number.value));
    function set(index, wanted) {
      const value = Math.min(100, Math.max(0, Math.round(wanted * 1000) / 1000 || 0));
      const others = numbers.filter((_, i) => i !== index);
      const sum = others.reduce((total, other) => total + Number(other.value), 0);
      let left = Math.round((100 - value) * 1000);
      others.forEach((other, i) => {
        const part =
          i === others.length - 1 ? left : sum > 0 ? Math.floor(((100 - value) * 1000 * Number(other.value)) / sum) : 0;
        other.value = String(part / 1000);
        left -= part;
      });
      numbers[index].value = String(others.length === 0 ? 100 : value);
      show();
    }
    numbers.forEach((number, i) => number.addEventListener('change', () => set(i, Number(number.value))));
    ranges.forEach((range, i) => range.addEventListener('input', () => set(i, Number(range.value))));
    show();
  }

  // ── Lists of things that grow, shrink and move: rules, clauses, variations
  function cloneOf(id) {
    return byId(id).content.firstElementChild.cloneNode(true);
  }
  function renumber(list) {
    list.querySelectorAll('.rule-number').forEach((number, i) => (number.textContent = `${i + 1}`));
  }
  document.addEventListener('click', (event) => {
    const add = event.target.closest?.('[data-add]');
    if (add) {
      const item = cloneOf(add.dataset.add);
      const list = add.closest('[data-list-scope]')?.querySelector(`[data-list="${add.dataset.add}"]`) ?? byId(add.dataset.into);
      list.append(item);
      renumber(list);
      for (const group of item.querySelectorAll('[data-rollout]')) startRollout(group);
      item.querySelector('input:not([type="hidden"]), select')?.focus();
    }
    const remove = event.target.closest?.('[data-remove]');
    if (remove) {
      const item = remove.closest(remove.dataset.remove);
      const list = item.parentElement;
      item.remove();
      renumber(list);
      const next = list.querySelector('input:not([type="hidden"]), select');
      (next ?? list.closest('[data-list-scope]')?.querySelector(`[data-add="${list.dataset.list}"]`))?.focus();
    }
    const move = event.target.closest?.('[data-move]');
    if (move) {
      const item = move.closest('.rule');
      const list = item.parentElement;
      if (move.dataset.move === 'up' && item.previousElementSibling) item.previousElementSibling.before(item);
      if (move.dataset.move === 'down' && item.nextElementSibling) item.nextElementSibling.after(item);
      renumber(list);
      move.focus();
    }
  });
  document.addEventListener('change', ({ target }) => {
    if (target.matches?.('[name="clause_operator"]')) askFor(target);
    if (target.matches?.('[data-serve]')) {
      const serve = target.closest('.serve');
      const shares = serve?.querySelector('[data-rollout]');
      if (shares) shares.hidden = target.value !== '%';
    }
  });
  /** Segments are offered where a condition asks for them. */
  function askFor(operator) {
    const values = operator.closest('.clause').querySelector('[name="clause_values"]');
    const asksSegments = /^(not_)?in_segment$/.test(operator.value);
    const what = asksSegments ? 'segments' : 'values';
    if (asksSegments) values.setAttribute('list', 'segments');
    else values.removeAttribute('list');
    values.placeholder = `${what}, separated by commas`;
    values.setAttribute('aria-label', asksSegments ? 'Segments' : 'Values');
  }

  let dragged = null;
  document.addEventListener('pointerdown', (event) => {
    const rule = event.target.closest?.('[data-grip]')?.closest('.rule');
    if (rule) rule.draggable = true;
  });
  document.addEventListener('dragstart', (event) => {
    dragged = event.target.closest?.('.rule');
    dragged?.classList.add('dragging');
  });
  document.addEventListener('dragover', (event) => {
    const over = event.target.closest?.('.rule');
    if (!dragged || !over || over === dragged || over.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged);
    else over.after(dragged);
  });
  document.addEventListener('dragend', () => {
    if (!dragged) return;
    dragged.classList.remove('dragging');
    dragged.draggable = false;
    renumber(dragged.parentElement);
    dragged = null;
  });

  // ── Copy
  document.addEventListener('click', (event) => {
    const copy = event.target.closest?.('[data-copy]');
    if (!copy) return;
    const said = (text) => () => (copy.textContent = text);
    navigator.clipboard?.writeText(copy.dataset.copy).then(said('Copied'), said('Select and copy it'));
  });

  arrived();
})();

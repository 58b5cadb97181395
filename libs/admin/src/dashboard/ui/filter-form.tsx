import type { ComponentChildren } from 'preact';
import { useView } from './view.js';
import { Options, type Choice } from './form.js';
import { Icon } from './icon.js';

interface FilterFormProps {
  /** The page, below the mount. */
  readonly path: string;
  /** What is looked for. */
  readonly label: string;
  /** Id of the part of the page that shows what was found. */
  readonly list: string;
  readonly search: SearchProps;
  /** More to narrow it by. */
  readonly children?: ComponentChildren;
}

interface SearchProps {
  readonly id?: string;
  readonly name: string;
  readonly value: string;
  readonly placeholder: string;
  readonly label: string;
}

/** Narrows a list while somebody types, and keeps what it is narrowed by in the URL; a plain form where there are no scripts. */
export function FilterForm({ path, label, list, search, children }: FilterFormProps) {
  const action = useView().links.to(path);
  return (
    <form
      class="filters"
      role="search"
      aria-label={label}
      {...liveQuery(action, list, 'input changed delay:150ms, submit')}
      hx-push-url="true"
    >
      <div class="search">
        <Icon name="search" />
        <input
          id={search.id}
          type="search"
          name={search.name}
          value={search.value}
          placeholder={search.placeholder}
          aria-label={search.label}
          data-search
          autoComplete="off"
        />
        <kbd>/</kbd>
      </div>
      {children}
      <noscript>
        <button class="button">Filter</button>
      </noscript>
    </form>
  );
}

interface FilterSelectProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** The choice that narrows nothing. */
  readonly all: string;
  /** Without any, nothing is shown. */
  readonly choices: readonly Choice[];
}

export function FilterSelect({ name, label, value, all, choices }: FilterSelectProps) {
  if (choices.length === 0) return null;
  return (
    <select name={name} aria-label={label}>
      <Options value={value} choices={[{ value: '', text: all }, ...choices]} />
    </select>
  );
}

/** Attributes of a form that shows the answer to what is typed, in a part of the page, while it is typed. */
export function liveQuery(action: string, part: string, trigger: string) {
  return {
    method: 'get',
    action,
    'hx-get': action,
    'hx-trigger': trigger,
    'hx-target': `#${part}`,
    'hx-select': `#${part}`,
    'hx-swap': 'outerHTML',
    'hx-sync': 'this:replace',
  } as const;
}

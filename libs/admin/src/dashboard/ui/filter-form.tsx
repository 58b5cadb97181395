import type { ComponentChildren } from 'preact';
import { Icon } from './icon.js';

interface FilterFormProps {
  /** URL of the page. */
  readonly action: string;
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
export function FilterForm({ action, label, list, search, children }: FilterFormProps) {
  return (
    <form
      class="filters"
      method="get"
      action={action}
      role="search"
      aria-label={label}
      hx-get={action}
      hx-trigger="input changed delay:150ms, submit"
      hx-target={`#${list}`}
      hx-select={`#${list}`}
      hx-swap="outerHTML"
      hx-push-url="true"
      hx-sync="this:replace"
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

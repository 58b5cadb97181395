import type { Paged } from './paging.js';

interface PagerProps {
  /** Of what, in the plural. */
  readonly noun: string;
  readonly list: Paged<unknown>;
  readonly to: (page: number) => string;
}

/** Leads through a list in numbered pages; nothing where there is one. */
export function Pager({ noun, list: { page, pages, total }, to }: PagerProps) {
  if (pages === 1) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${noun}`}>
      {page > 1 ? (
        <a class="button" href={to(page - 1)}>
          Previous
        </a>
      ) : null}
      <span>
        Page {page} of {pages}, {total} {noun}
      </span>
      {page < pages ? (
        <a class="button" href={to(page + 1)}>
          Next
        </a>
      ) : null}
    </nav>
  );
}

interface LogPagerProps {
  /** Of what. */
  readonly noun: string;
  /** URL of the first page; `null` = this is it. */
  readonly newest: string | null;
  /** URL of the page after this one; `null` = there is none. */
  readonly older: string | null;
}

/** Leads back in a log, newest first, whose pages have no numbers. */
export function LogPager({ noun, newest, older }: LogPagerProps) {
  if (newest === null && older === null) return null;
  return (
    <nav class="pager" aria-label={`Pages of ${noun}`}>
      {newest === null ? null : (
        <a class="button" href={newest}>
          Newest
        </a>
      )}
      {older === null ? null : (
        <a class="button" href={older}>
          Older
        </a>
      )}
    </nav>
  );
}

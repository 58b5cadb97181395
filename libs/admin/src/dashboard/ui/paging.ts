/** One page of a list. */
export interface Paged<T> {
  readonly items: readonly T[];
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  /** Of all pages. */
  readonly total: number;
}

/** @param page as it was asked for; anything but the number of a page leads to the nearest one */
export function pageOf<T>(all: readonly T[], page: string, size: number): Paged<T> {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const number = Math.min(pages, Math.max(1, Math.floor(Number(page) || 1)));
  return { items: all.slice((number - 1) * size, number * size), page: number, pages, total: all.length };
}

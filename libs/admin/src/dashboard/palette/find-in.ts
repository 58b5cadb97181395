import type { IconName } from '../ui/icon.js';

/** Something that can be gone to, or done. */
export interface Found {
  readonly title: string;
  readonly kind: 'page' | 'route' | 'flag' | 'segment' | 'action';
  readonly icon: IconName;
  readonly href: string;
  /** Whether it opens a form. */
  readonly dialog: boolean;
}

const MOST = 30;

/** What contains all words, what begins with the text first; kinds keep their order. Nothing asked = pages and general actions. */
export function findIn(everything: Iterable<Found>, text: string): readonly Found[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const begins: Found[] = [];
  const contains: Found[] = [];
  for (const each of everything) {
    if (begins.length >= MOST) break;
    const title = each.title.toLowerCase();
    if (words.length === 0 ? begins.length < 14 : title.startsWith(words.join(' '))) begins.push(each);
    else if (contains.length < MOST && words.length > 0 && words.every((word) => title.includes(word))) contains.push(each);
  }
  return [...begins, ...contains].slice(0, MOST);
}

import { Icon } from '../ui/icon.js';
import type { Found } from './find-in.js';

interface ResultsProps {
  readonly found: readonly Found[];
}

/** What the palette shows: options of its list. */
export function PaletteResults({ found }: ResultsProps) {
  return (
    <>
      {found.length === 0 ? <p class="palette-none">Nothing matches</p> : null}
      {found.map((each, index) => (
        <FoundLink key={`${each.kind} ${each.title}`} found={each} option={index} />
      ))}
    </>
  );
}

/** The same where there is no script. */
export function FoundLinks({ found }: ResultsProps) {
  return (
    <ul>
      {found.map((each) => (
        <li key={`${each.kind} ${each.title}`}>
          <FoundLink found={each} option={null} />
        </li>
      ))}
    </ul>
  );
}

/** @param option its place in the palette; `null` = a plain link */
function FoundLink({ found, option }: { readonly found: Found; readonly option: number | null }) {
  const { title, kind, icon, href, dialog } = found;
  const opens = dialog ? { 'hx-get': href, 'hx-target': '#dialog-body', 'hx-push-url': 'false' } : {};
  const listed = option === null ? {} : { id: `result-${option}`, role: 'option' as const, 'aria-selected': false, tabIndex: -1 };
  return (
    <a class="result" href={href} {...listed} {...opens}>
      <Icon name={icon} />
      <span class="path">{title}</span>
      <span class="end">{kind}</span>
    </a>
  );
}

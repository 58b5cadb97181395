import { differences, type Difference, type RecordedAuditEntry } from '@waygate/core';
import { recordName } from '../admin/surface.js';
import { Time } from '../ui/time.js';

const UNTOLD = /(^|\.)(setAt|updatedAt|createdAt|hash|value\.secret|declaredAt)$/;

interface BeforeAndAfter {
  readonly before: unknown;
  readonly after: unknown;
}

/** What is different, without what always is. */
export function told(entry: BeforeAndAfter): readonly Difference[] {
  return differences(entry.before ?? {}, entry.after ?? {})
    .flatMap(byMember)
    .filter(({ path }) => !UNTOLD.test(path));
}

/** What came or went as a whole is told member by member, less those that say nothing. */
function byMember(difference: Difference): readonly Difference[] {
  const { path, before, after } = difference;
  if (isNothing(before) === isNothing(after) || path === '') return [difference];
  const whole = isNothing(before) ? after : before;
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return [difference];
  const members = Object.entries(whole)
    .filter(([, value]) => !isNothing(value))
    .flatMap(([name, value]) =>
      byMember({
        path: `${path}.${name}`,
        before: isNothing(before) ? undefined : value,
        after: isNothing(before) ? value : undefined,
      }),
    );
  return members.length === 0 ? [difference] : members;
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** What was done, in words: `maintenance_on` → `Maintenance on`. */
export function actionName(action: string): string {
  const text = action
    .replace(/^rl_/, 'limit ')
    .replace(/^(svc|global)_rl_/, '$1 limit ')
    .replace('svc', 'service')
    .replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A value of a record, short enough to read. */
function shown(value: unknown): string {
  if (value === undefined) return 'not set';
  if (value === null) return 'none';
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  const text = JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

/** `override.reason` → `override › reason`. */
const placeOf = (path: string) => (path === '' ? 'all of it' : path.replaceAll('.', ' › '));

/** What changed from one value to the next, place by place. */
export function Differences({ entry }: { readonly entry: BeforeAndAfter }) {
  const found = told(entry);
  if (found.length === 0) return <p class="hint">Nothing else is different.</p>;
  return (
    <table class="diff">
      <thead>
        <tr>
          <th>What</th>
          <th>Before</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody>
        {found.slice(0, 60).map(({ path, before, after }) => (
          <tr key={path}>
            <th scope="row">{placeOf(path)}</th>
            <td>{before === undefined ? <span class="faint">not set</span> : <del>{shown(before)}</del>}</td>
            <td>{after === undefined ? <span class="faint">not set</span> : <ins>{shown(after)}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** One entry of the log, with what it changed. */
export function ChangeSummary({ entry }: { readonly entry: RecordedAuditEntry }) {
  return (
    <div class="change">
      <p>
        <strong>{entry.actor}</strong> · {actionName(entry.action)} · <code>{recordName(entry)}</code> · <Time at={entry.at} />
        {entry.reason === '' ? null : <span class="reason"> {entry.reason}</span>}
      </p>
      <Differences entry={entry} />
    </div>
  );
}

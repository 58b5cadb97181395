import type { RecordedAuditEntry, RouteView } from '@waygate/core';
import { ChangeSummary } from '../audit/change.js';
import { Method, StatusBadge } from '../ui/badge.js';
import { MomentField, SelectField, TextArea, TextField } from '../ui/form.js';
import type { RouteAction } from './route-actions.js';

interface Wording {
  readonly title: string;
  readonly verb: string;
  readonly done: string;
  readonly tone: 'accent' | 'bad';
  readonly note: string;
}

/** What an action is called, and what it does, in words for those who are about to do it. */
export const WORDING: Readonly<Record<RouteAction, Wording>> = {
  enable: {
    title: 'Enable',
    verb: 'Enable',
    done: 'enabled',
    tone: 'accent',
    note: 'Answers requests again at once, in every environment. Ends maintenance and lifts gates, declared ones too.',
  },
  maintenance: {
    title: 'Put into maintenance',
    verb: 'Start maintenance',
    done: 'in maintenance',
    tone: 'bad',
    note: 'Callers get 503 MAINTENANCE_MODE with this reason, and Retry-After when an end is known.',
  },
  disable: {
    title: 'Disable',
    verb: 'Disable',
    done: 'disabled',
    tone: 'bad',
    note: 'Callers get 503 ROUTE_DISABLED with this reason until it is enabled again, or until the time given.',
  },
  environments: {
    title: 'Gate by environment',
    verb: 'Set gate',
    done: 'gated by environment',
    tone: 'bad',
    note: 'Elsewhere the route does not exist: callers get the 404 of an unknown path.',
  },
  schedule: {
    title: 'Schedule maintenance',
    verb: 'Schedule',
    done: 'scheduled for maintenance',
    tone: 'accent',
    note: 'Nothing changes until the window opens; when it closes, what held before holds again.',
  },
  unschedule: {
    title: 'Cancel scheduled maintenance',
    verb: 'Cancel maintenance',
    done: 'taken off the schedule',
    tone: 'accent',
    note: 'Takes back every planned window, begun or not.',
  },
  clear: {
    title: 'Clear override',
    verb: 'Clear override',
    done: 'back to what the code declares',
    tone: 'accent',
    note: 'Removes what operators set; what the code declares holds again.',
  },
};

interface RouteFieldsProps {
  readonly action: RouteAction;
  readonly routes: readonly RouteView[];
  /** What was typed before, where the form comes back. */
  readonly value: (name: string) => string;
  readonly environment: string;
}

/** What the form of an action asks for. */
export function RouteFields({ action, routes, value, environment }: RouteFieldsProps) {
  return (
    <>
      <ul class="chosen">
        {routes.map((route) => (
          <li key={route.key}>
            <input type="hidden" name="key" value={route.key} />
            <input type="hidden" name="seen" value={route.revision} />
            <Method method={route.method} />{' '}
            <code class="path">{route.service === null ? route.path : `${route.service} ${route.path}`}</code>
            <StatusBadge status={route.status} />
          </li>
        ))}
      </ul>
      {action === 'environments' ? (
        <TextField
          name="environments"
          label="Environments"
          value={value('environments') || (routes[0]?.environments ?? [environment]).join(', ')}
          hint={`Names separated by commas. This process runs in '${environment}'.`}
          required
        />
      ) : null}
      {action === 'unschedule' || action === 'clear' ? null : <ReasonField value={value('reason')} />}
      {action === 'schedule' ? <ScheduleFields value={value} /> : null}
      {['maintenance', 'disable', 'environments'].includes(action) ? <ExpiryFields value={value} /> : null}
    </>
  );
}

export function ReasonField({ value }: { readonly value: string }) {
  return (
    <TextArea
      name="reason"
      label="Reason"
      value={value}
      rows={2}
      placeholder="e.g. database migration"
      hint="Shown to callers and kept in the audit log."
    />
  );
}

/** Until when it holds. */
export function ExpiryFields({ value }: { readonly value: (name: string) => string }) {
  return (
    <div class="row">
      <SelectField
        name="expires_in"
        label="For how long"
        value={value('expires_in')}
        choices={[
          { value: '', text: 'Until it is changed' },
          { value: '15m', text: '15 minutes' },
          { value: '1h', text: '1 hour' },
          { value: '4h', text: '4 hours' },
          { value: '1d', text: '1 day' },
          { value: 'at', text: 'Until a date …' },
        ]}
      />
      <MomentField name="expires_at" label="Date" value={value('expires_at')} />
    </div>
  );
}

export function ScheduleFields({ value }: { readonly value: (name: string) => string }) {
  return (
    <>
      <div class="row">
        <MomentField name="start" label="From" value={value('start')} />
        <MomentField name="end" label="To" value={value('end')} />
      </div>
      <details class="more" open={value('cron') !== ''}>
        <summary>Repeat it</summary>
        <div class="row">
          <TextField
            name="cron"
            label="Cron expression"
            value={value('cron')}
            placeholder="0 2 * * 6"
            hint="When it opens each time"
          />
          <TextField name="duration" label="Open for" value={value('duration')} placeholder="2h" />
          <TextField name="time_zone" label="Time zone" value={value('time_zone')} placeholder="UTC" />
        </div>
      </details>
    </>
  );
}

interface ConflictProps {
  readonly entries: readonly RecordedAuditEntry[];
  readonly now: number;
}

/** What somebody else did while the form was open. */
export function ConflictNote({ entries, now }: ConflictProps) {
  return (
    <>
      <p>
        <strong>Somebody else was faster.</strong> Nothing was changed. This is what happened meanwhile; what you typed is still
        here. Send it again to replace it.
      </p>
      {entries.map((entry) => (
        <ChangeSummary key={entry.id} entry={entry} now={now} />
      ))}
    </>
  );
}

import type { FlagView, ScheduledChange } from '@waygate/core';
import { Badge } from '../ui/badge.js';
import { DialogLink, Empty, Live, Panel } from '../ui/parts.js';
import { lengthOfTime, Time } from '../ui/time.js';
import { useView } from '../ui/view.js';
import { percent } from './flag-draft.js';

interface SchedulePanelProps {
  readonly flag: FlagView;
  readonly acts: boolean;
}

/** What the flag will do by itself. */
export function SchedulePanel({ flag, acts }: SchedulePanelProps) {
  const { links } = useView();
  const here = links.flag(flag.key);
  return (
    <Live id="flag-schedule">
      <Panel
        title="Planned changes"
        actions={
          acts ? (
            <DialogLink class="button small" href={`${here}/schedule`}>
              Plan a change
            </DialogLink>
          ) : undefined
        }
      >
        {flag.scheduledChanges.length === 0 ? (
          <Empty icon="clock" title="Nothing is planned">
            <p>Switch the flag, or give another share, at a moment: it happens once over the fleet.</p>
          </Empty>
        ) : (
          <ul class="plain-list">
            {flag.scheduledChanges.map((change) => (
              <li key={change.id}>
                <strong>{changeText(change)}</strong> <Time at={change.executeAt} />
                <span class="hint">by {change.createdBy}</span>
                {acts ? (
                  <span class="end">
                    <DialogLink class="button small" href={`${here}/unschedule?id=${encodeURIComponent(change.id)}`}>
                      Cancel
                    </DialogLink>
                  </span>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <Rollout flag={flag} acts={acts} here={here} />
    </Live>
  );
}

function Rollout({ flag, acts, here }: { readonly flag: FlagView; readonly acts: boolean; readonly here: string }) {
  const rollout = flag.progressiveRollout;
  if (rollout === null) {
    return (
      <Panel
        title="Progressive rollout"
        actions={
          acts ? (
            <DialogLink class="button small" href={`${here}/rollout`}>
              Start a rollout
            </DialogLink>
          ) : undefined
        }
      >
        <p class="hint">A variation can grow by itself, step by step, e.g. 5 %, 25 %, 50 %, 100 %.</p>
      </Panel>
    );
  }
  return (
    <Panel
      title="Progressive rollout"
      actions={
        acts ? (
          <>
            <DialogLink class="button small" href={`${here}/${rollout.pausedAt === null ? 'pause' : 'resume'}`}>
              {rollout.pausedAt === null ? 'Pause' : 'Resume'}
            </DialogLink>
            <DialogLink class="button small" href={`${here}/abort`}>
              Abort
            </DialogLink>
          </>
        ) : undefined
      }
    >
      <p>
        <strong class="path">{rollout.variation}</strong> grows in place of <span class="path">{rollout.otherwise}</span>, since{' '}
        <Time at={rollout.startedAt} />{' '}
        {rollout.pausedAt === null ? <Badge tone="good">Running</Badge> : <Badge tone="warn">Paused</Badge>}
      </p>
      <ol class="plain-list">
        {rollout.steps.map(({ weight, after }, index) => (
          <li key={index}>
            <strong>{percent(weight)} %</strong>
            <span class="hint">{after === 0 ? 'at once' : `after ${lengthOfTime(after / 1_000)}`}</span>
            {index < rollout.recordedSteps ? <Badge tone="good">reached</Badge> : null}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function changeText(change: ScheduledChange): string {
  switch (change.action) {
    case 'enable':
      return 'Switch on';
    case 'disable':
      return 'Switch off';
    case 'update_rollout':
      return change.payload.variation === null
        ? 'Give everybody else other shares'
        : `Serve ${change.payload.variation} to everybody else`;
    case 'add_rule':
      return `Add the rule ${change.payload.description || change.payload.id}`;
    case 'delete_rule':
      return `Delete the rule ${change.payload.ruleId}`;
  }
}

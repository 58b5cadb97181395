import type { FlagView } from '@waygate/core';
import { MomentField, SelectField, TextArea, TextField } from '../ui/form.js';
import { ExpiryFields } from '../when/when-fields.js';

export const FLAG_ACTIONS = [
  'switch',
  'archive',
  'restore',
  'delete',
  'schedule',
  'unschedule',
  'rollout',
  'pause',
  'resume',
  'abort',
] as const;
export type FlagAction = (typeof FLAG_ACTIONS)[number];

interface Wording {
  readonly title: string;
  readonly note: string;
  readonly submit: string;
  readonly done: string;
  readonly tone: 'accent' | 'bad';
}

/** What an action on a flag is called, and what it does to whom. */
export function wordingOf(action: FlagAction, flag: FlagView): Wording {
  const { key, offVariation, enabled } = flag;
  switch (action) {
    case 'switch':
      return enabled
        ? {
            title: `Switch ${key} off`,
            note: `Everybody gets '${offVariation}' at once, in every process.`,
            submit: 'Switch off',
            done: 'switched off',
            tone: 'bad',
          }
        : {
            title: `Switch ${key} on`,
            note: 'Targeting, rules and shares hold again at once, in every process.',
            submit: 'Switch on',
            done: 'switched on',
            tone: 'accent',
          };
    case 'archive':
      return {
        title: `Archive ${key}`,
        note: 'Callers get the default that their code names. The definition stays and can be restored.',
        submit: 'Archive',
        done: 'archived',
        tone: 'bad',
      };
    case 'restore':
      return {
        title: `Restore ${key}`,
        note: 'The flag is asked again, as it was.',
        submit: 'Restore',
        done: 'restored',
        tone: 'accent',
      };
    case 'delete':
      return {
        title: `Delete ${key}`,
        note: 'The definition is gone, and callers get the default that their code names. Its history stays in the audit log.',
        submit: 'Delete',
        done: 'deleted',
        tone: 'bad',
      };
    case 'schedule':
      return {
        title: 'Plan a change',
        note: 'It makes itself at that moment, once over the fleet.',
        submit: 'Plan it',
        done: 'a change is planned',
        tone: 'accent',
      };
    case 'unschedule':
      return {
        title: 'Cancel the planned change',
        note: 'It will not happen.',
        submit: 'Cancel the change',
        done: 'a planned change is cancelled',
        tone: 'accent',
      };
    case 'rollout':
      return {
        title: 'Start a progressive rollout',
        note: 'Takes the place of what everybody else gets, from now on. Nobody who has the growing variation loses it.',
        submit: 'Start',
        done: 'the rollout has started',
        tone: 'accent',
      };
    case 'pause':
      return {
        title: 'Pause the rollout',
        note: 'It stays at the share it has.',
        submit: 'Pause',
        done: 'the rollout is paused',
        tone: 'accent',
      };
    case 'resume':
      return {
        title: 'Resume the rollout',
        note: 'It goes on with what was left of its step.',
        submit: 'Resume',
        done: 'the rollout goes on',
        tone: 'accent',
      };
    case 'abort':
      return {
        title: 'Abort the rollout',
        note: 'What it replaced holds again at once.',
        submit: 'Abort',
        done: 'the rollout is aborted',
        tone: 'bad',
      };
  }
}

interface FieldsProps {
  readonly action: FlagAction;
  readonly flag: FlagView;
  readonly value: (name: string) => string;
}

export function FlagActionFields({ action, flag, value }: FieldsProps) {
  const variations = flag.variations.map(({ name }) => ({ value: name, text: name }));
  return (
    <>
      <input type="hidden" name="revision" value={flag.revision} />
      {action === 'switch' ? <ExpiryFields value={value} /> : null}
      {action === 'unschedule' ? <input type="hidden" name="id" value={value('id')} /> : null}
      {action === 'schedule' ? (
        <>
          <SelectField
            name="what"
            label="What"
            value={value('what')}
            choices={[
              { value: 'enable', text: 'Switch on' },
              { value: 'disable', text: 'Switch off' },
              ...flag.variations.map(({ name }) => ({ value: `serve:${name}`, text: `Serve ${name} to everybody else` })),
            ]}
          />
          <MomentField name="at" label="When" value={value('at')} />
        </>
      ) : null}
      {action === 'rollout' ? (
        <>
          <div class="row">
            <SelectField name="variation" label="Growing variation" choices={variations} value={value('variation')} />
            <SelectField
              name="otherwise"
              label="In place of"
              choices={variations}
              value={value('otherwise') || flag.offVariation}
            />
          </div>
          <TextArea
            name="steps"
            label="Steps"
            code
            rows={4}
            value={value('steps') || '5 %\n25 % after 1h\n50 % after 6h\n100 % after 1d'}
            hint="One a line: share, and how long after the step before."
          />
        </>
      ) : null}
      <TextField name="reason" label="Reason" value={value('reason')} hint="Kept in the audit log." />
    </>
  );
}

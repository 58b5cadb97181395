import type { FlagView } from '@waygate/core';
import type { Wording } from '../page/dialog.js';

interface FlagWording extends Wording {
  /** What happened, after the key of the flag. */
  readonly done: string;
}

const SWITCH_ON: FlagWording = {
  title: 'Switch {key} on',
  note: 'Targeting, rules and shares hold again at once, in every process.',
  submit: 'Switch on',
  done: 'switched on',
};
const SWITCH_OFF: FlagWording = {
  title: 'Switch {key} off',
  note: "Everybody gets '{off}' at once, in every process.",
  submit: 'Switch off',
  done: 'switched off',
  tone: 'bad',
};

const WORDING = {
  switch: SWITCH_ON,
  archive: {
    title: 'Archive {key}',
    note: 'Callers get the default that their code names. The definition stays and can be restored.',
    submit: 'Archive',
    done: 'archived',
    tone: 'bad',
  },
  restore: {
    title: 'Restore {key}',
    note: 'The flag is asked again, as it was.',
    submit: 'Restore',
    done: 'restored',
  },
  delete: {
    title: 'Delete {key}',
    note: 'The definition is gone, and callers get the default that their code names. Its history stays in the audit log.',
    submit: 'Delete',
    done: 'deleted',
    tone: 'bad',
  },
  schedule: {
    title: 'Plan a change',
    note: 'It makes itself at that moment, once over the fleet.',
    submit: 'Plan it',
    done: 'a change is planned',
  },
  unschedule: {
    title: 'Cancel the planned change',
    note: 'It will not happen.',
    submit: 'Cancel the change',
    done: 'a planned change is cancelled',
  },
  rollout: {
    title: 'Start a progressive rollout',
    note: 'Takes the place of what everybody else gets, from now on. Nobody who has the growing variation loses it.',
    submit: 'Start',
    done: 'the rollout has started',
  },
  pause: {
    title: 'Pause the rollout',
    note: 'It stays at the share it has.',
    submit: 'Pause',
    done: 'the rollout is paused',
  },
  resume: {
    title: 'Resume the rollout',
    note: 'It goes on with what was left of its step.',
    submit: 'Resume',
    done: 'the rollout goes on',
  },
  abort: {
    title: 'Abort the rollout',
    note: 'What it replaced holds again at once.',
    submit: 'Abort',
    done: 'the rollout is aborted',
    tone: 'bad',
  },
} as const satisfies Record<string, FlagWording>;

export type FlagAction = keyof typeof WORDING;

export function isFlagAction(name: string): name is FlagAction {
  return Object.hasOwn(WORDING, name);
}

/** What an action on a flag is called, and what it does to whom. */
export function wordingOf(action: FlagAction, { key, offVariation, enabled }: FlagView): FlagWording {
  const wording: FlagWording = action === 'switch' && enabled ? SWITCH_OFF : WORDING[action];
  return {
    ...wording,
    title: wording.title.replace('{key}', () => key),
    note: typeof wording.note === 'string' ? wording.note.replace('{off}', () => offVariation) : wording.note,
  };
}

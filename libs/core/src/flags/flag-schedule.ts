import { randomUUID } from 'node:crypto';
import { ValidationError } from '../model/errors.js';
import { fieldName, read } from '../schema/check.js';
import { variationMisfit } from '../schema/flag-rules.js';
import {
  bucketingInput,
  progressiveRolloutInput,
  type FlagRecord,
  type ProgressiveRollout,
  type ProgressiveRolloutInput,
  type ScheduledChangeInput,
} from '../schema/flag.js';
import { instantMs, type Clock, type Instant } from '../model/time.js';
import { checkFlagReferences } from './check-references.js';
import type { FlagChange, FlagWriter } from './flag-writer.js';
import { readFlag } from './read-flag.js';
import { elapsedMs } from './settle.js';

/** Plans what flags do by themselves. */
export class FlagSchedule {
  constructor(
    private readonly writer: FlagWriter,
    private readonly clock: Clock,
  ) {}

  async add(key: string, planned: ScheduledChangeInput, change: FlagChange): Promise<void> {
    await this.writer.change(key, change, 'flag_updated', (flag, { snapshot, now }) => {
      const changes = [...flag.scheduledChanges, planned];
      const writing = { now, actor: change.actor ?? 'system', before: flag };
      const after = readFlag({ ...flag, scheduledChanges: changes }, writing);
      checkFlagReferences(after, snapshot);
      return after;
    });
  }

  async remove(key: string, changeId: string, change: FlagChange): Promise<void> {
    await this.writer.change(key, change, 'flag_updated', (flag) => {
      const scheduledChanges = flag.scheduledChanges.filter(({ id }) => id !== changeId);
      if (scheduledChanges.length === flag.scheduledChanges.length) {
        throw new ValidationError('changeId', `the flag has no scheduled change '${changeId}'; it may have run already`);
      }
      return { ...flag, scheduledChanges };
    });
  }

  async startRollout(key: string, rollout: ProgressiveRolloutInput, change: FlagChange): Promise<void> {
    await this.writer.change(key, change, 'flag_updated', (flag, { now }) => {
      if (flag.progressiveRollout !== null) {
        throw new ValidationError('rollout', 'a progressive rollout is under way; abort it first');
      }
      return { ...flag, progressiveRollout: readRollout(rollout, flag, now, change.actor ?? 'system') };
    });
  }

  async pauseRollout(key: string, change: FlagChange): Promise<void> {
    await this.#changeRollout(key, change, (rollout, now) =>
      rollout.pausedAt === null ? { ...rollout, pausedAt: now } : rollout,
    );
  }

  async resumeRollout(key: string, change: FlagChange): Promise<void> {
    await this.#changeRollout(key, change, (rollout) => {
      if (rollout.pausedAt === null) return rollout;
      const now = this.clock();
      const pausedMs = now - instantMs(rollout.startedAt) - elapsedMs(rollout, now);
      return { ...rollout, pausedAt: null, pausedMs };
    });
  }

  async abortRollout(key: string, change: FlagChange): Promise<void> {
    await this.#changeRollout(key, change, () => null);
  }

  async #changeRollout(
    key: string,
    change: FlagChange,
    edit: (rollout: ProgressiveRollout, now: Instant) => ProgressiveRollout | null,
  ): Promise<void> {
    await this.writer.change(key, change, 'flag_updated', (flag, { now }) => {
      if (flag.progressiveRollout === null) throw new ValidationError('rollout', 'no progressive rollout is under way');
      const progressiveRollout = edit(flag.progressiveRollout, now);
      return progressiveRollout === flag.progressiveRollout ? flag : { ...flag, progressiveRollout };
    });
  }
}

function readRollout(given: ProgressiveRolloutInput, flag: FlagRecord, now: Instant, actor: string): ProgressiveRollout {
  const input = read(progressiveRolloutInput, given, '');
  const names = flag.variations.map(({ name }) => name);
  const { variation } = input;
  const rule = input.ruleId === undefined ? null : flag.rules.find(({ id }) => id === input.ruleId);
  if (rule === undefined) throw new ValidationError('ruleId', `the flag has no rule '${String(input.ruleId)}'`);
  const replaced = rule === null ? flag.fallthrough : rule.variation;
  const otherwise = input.otherwise ?? (typeof replaced === 'string' ? replaced : undefined);
  if (otherwise === undefined) throw new ValidationError('otherwise', 'name the variation that all other callers get');
  const misfit = variationMisfit(variation, ['variation'], names) ?? variationMisfit(otherwise, ['otherwise'], names);
  if (misfit !== null) throw new ValidationError(fieldName(misfit.path), misfit.problem);
  if (otherwise === variation) throw new ValidationError('otherwise', `must differ from the growing variation '${variation}'`);
  return {
    id: randomUUID(),
    variation,
    otherwise,
    ruleId: rule?.id ?? null,
    bucketing: read(bucketingInput, { bucketBy: input.bucketBy, salt: input.salt }, 'rollout'),
    steps: input.steps,
    startedAt: now,
    pausedAt: null,
    pausedMs: 0,
    recordedSteps: 0,
    createdBy: actor,
  };
}

import { Controller, Get, Param, Post, UseFilters } from '@nestjs/common';
import {
  ConflictError,
  InUseError,
  TOTAL_WEIGHT,
  ValidationError,
  WaygateEngine,
  type FlagView,
  type ProgressiveRolloutInput,
  type ScheduledChangeInput,
} from '@waygate/core';
import { Requires } from '../../http/requires.js';
import { AnswerError } from '../../http/answer-error.js';
import { decodePathKey, encodePathKey } from '../../http/path-key.js';
import { conflictOn } from '../audit/conflict-on.js';
import { PageErrorsFilter } from '../page/page-errors.filter.js';
import { Pages } from '../page/pages.js';
import { Visiting, type Visit } from '../page/visit.js';
import { expiry } from '../when/read-when.js';
import { FLAG_ACTIONS, FlagActionFields, wordingOf, type FlagAction } from './flag-dialog.js';

/** What can be done with a flag besides editing it. */
@Controller('flags')
@UseFilters(PageErrorsFilter)
export class FlagActionPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly pages: Pages,
  ) {}

  @Get(':key/:action')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('action') action: string): void {
    this.#form(visit, this.#flag(pathKey), actionOf(action));
  }

  @Post(':key/:action')
  @Requires('operator', 'everything')
  async act(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('action') name: string): Promise<void> {
    const action = actionOf(name);
    const flag = this.#flag(pathKey);
    try {
      await this.#change(visit, flag, action);
    } catch (error) {
      return this.#refused(visit, flag, action, error);
    }
    const isGone = action === 'delete';
    const undo = await this.pages.latest('flag', flag.key);
    const back = isGone ? 'flags' : `flags/${encodePathKey(flag.key)}`;
    this.pages.done(visit, { message: `${flag.key}: ${wordingOf(action, flag).done}.`, undo, back, leave: isGone });
  }

  async #change(visit: Visit, { key, enabled }: FlagView, action: FlagAction): Promise<void> {
    const { flags } = this.engine;
    const change = { ...visit.author(), ...visit.expected() };
    switch (action) {
      case 'switch':
        await (enabled
          ? flags.disable(key, { ...change, ...expiry(visit) })
          : flags.enable(key, { ...change, ...expiry(visit) }));
        return;
      case 'archive':
        await flags.archive(key, change);
        return;
      case 'restore':
        await flags.restore(key, change);
        return;
      case 'delete':
        return flags.delete(key, change);
      case 'schedule':
        await flags.schedule(key, plannedBy(visit), change);
        return;
      case 'unschedule':
        await flags.unschedule(key, visit.field('id'), change);
        return;
      case 'rollout':
        await flags.rollout(key, rolloutBy(visit), change);
        return;
      case 'pause':
        await flags.pauseRollout(key, change);
        return;
      case 'resume':
        await flags.resumeRollout(key, change);
        return;
      case 'abort':
        await flags.abortRollout(key, change);
    }
  }

  async #refused(visit: Visit, flag: FlagView, action: FlagAction, error: unknown): Promise<void> {
    if (error instanceof ValidationError || error instanceof InUseError || error instanceof AnswerError)
      return this.#form(visit, flag, action, { error: error.message, status: 422 });
    if (!(error instanceof ConflictError)) throw error;
    const conflict = await conflictOn(this.engine, 'flag', flag.key);
    this.#form(visit, this.engine.sync.flags.get(flag.key), action, { conflict, status: 409 });
  }

  #form(
    visit: Visit,
    flag: FlagView,
    action: FlagAction,
    problem: { error?: string; conflict?: preact.ComponentChildren; status?: number } = {},
  ): void {
    const { title, note, submit, tone } = wordingOf(action, flag);
    const value = (name: string) => visit.field(name) || visit.query(name);
    this.pages.dialog(
      visit,
      'flags',
      {
        title,
        note,
        submit,
        tone,
        action: `flags/${encodePathKey(flag.key)}/${action}`,
        back: `flags/${encodePathKey(flag.key)}`,
        error: problem.error,
        conflict: problem.conflict,
        children: <FlagActionFields action={action} flag={flag} value={value} />,
      },
      problem.status,
    );
  }

  #flag(pathKey: string): FlagView {
    return this.engine.sync.flags.get(decodePathKey(pathKey));
  }
}

function actionOf(name: string): FlagAction {
  const action = FLAG_ACTIONS.find((known) => known === name);
  if (action === undefined) throw new AnswerError(404, `'${name}' cannot be done with flags`);
  return action;
}

function plannedBy(visit: Visit): ScheduledChangeInput {
  const what = visit.field('what');
  const executeAt = visit.field('at');
  if (executeAt === '') throw new AnswerError(422, 'at: say when it is to happen');
  if (what === 'enable' || what === 'disable') return { executeAt, action: what };
  return { executeAt, action: 'update_rollout', payload: { variation: what.replace(/^serve:/, '') } };
}

/** Steps as `5 %, 25 % after 1h, 100 % after 1d`. */
function rolloutBy(visit: Visit): ProgressiveRolloutInput {
  const otherwise = visit.field('otherwise');
  const steps = visit
    .field('steps')
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, share, after] = /^(\d+(?:\.\d+)?)\s*%?(?:\s+after\s+(\S+))?$/.exec(line) ?? [];
      if (share === undefined) throw new AnswerError(422, `steps: '${line}' is no step. Write e.g. 25 % after 1h`);
      return { weight: Math.round((Number(share) * TOTAL_WEIGHT) / 100), ...(after === undefined ? {} : { after }) };
    });
  return { variation: visit.field('variation'), ...(otherwise === '' ? {} : { otherwise }), steps };
}

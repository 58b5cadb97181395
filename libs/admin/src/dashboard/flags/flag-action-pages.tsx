import { Get, Param, Post } from '@nestjs/common';
import {
  TOTAL_WEIGHT,
  WaygateEngine,
  type FlagView,
  type ProgressiveRolloutInput,
  type ScheduledChangeInput,
} from '@waygate/core';
import { AnswerError, decodePathKey, Requires } from '../admin/surface.js';
import type { Form } from '../page/dialog.js';
import { Forms } from '../page/forms.js';
import { PageController } from '../page/page-controller.js';
import { Visiting, type Visit } from '../page/visit.js';
import { expiry } from '../when/read-when.js';
import { FlagActionFields } from './flag-fields.js';
import { flagPath } from './flag-path.js';
import { isFlagAction, wordingOf, type FlagAction } from './flag-wording.js';

/** What can be done with a flag besides editing it. */
@PageController('flags')
export class FlagActionPages {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly forms: Forms,
  ) {}

  @Get(':key/:action')
  @Requires('operator', 'everything')
  form(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('action') action: string): void {
    this.forms.show(visit, actionForm(this.#flag(decodePathKey(pathKey)), actionOf(action), visit.query('id')));
  }

  @Post(':key/:action')
  @Requires('operator', 'everything')
  act(@Visiting() visit: Visit, @Param('key') pathKey: string, @Param('action') name: string): Promise<void> {
    const action = actionOf(name);
    const flag = this.#flag(decodePathKey(pathKey));
    const { key } = flag;
    return this.forms.send(
      visit,
      () => actionForm(this.#flag(key), action, visit.field('id')),
      async () => {
        await this.#change(visit, flag, action);
        const isGone = action === 'delete';
        return {
          message: `${key}: ${wordingOf(action, flag).done}.`,
          undo: await this.forms.latest('flag', key),
          back: isGone ? 'flags' : flagPath(key),
          leave: isGone,
        };
      },
    );
  }

  async #change(visit: Visit, { key, enabled }: FlagView, action: FlagAction): Promise<void> {
    const { flags } = this.engine;
    const change = visit.change();
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

  #flag(key: string): FlagView {
    return this.engine.sync.flags.get(key);
  }
}

function actionForm(flag: FlagView, action: FlagAction, changeId: string): Form {
  return {
    ...wordingOf(action, flag),
    section: 'flags',
    action: `${flagPath(flag.key)}/${action}`,
    back: flagPath(flag.key),
    fields: <FlagActionFields action={action} flag={flag} changeId={changeId} />,
  };
}

function actionOf(name: string): FlagAction {
  if (isFlagAction(name)) return name;
  throw new AnswerError(404, `'${name}' cannot be done with flags`);
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

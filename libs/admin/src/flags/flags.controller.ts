import type { ServerResponse } from 'node:http';
import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import {
  FLAG_STATUSES,
  FLAG_TYPES,
  flagInput,
  fromWire,
  scheduledChangeInput,
  ValidationError,
  WaygateEngine,
  type FlagFilter,
  type FlagInput,
  type FlagStatus,
  type FlagType,
  type ScheduledChangeInput,
} from '@waygate/core';
import { Authentication } from '../auth/authentication.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import type { AdminRequest } from '../http/admin-request.js';
import { badRequest } from '../http/answer-error.js';
import { ExactBody, isObject, LenientBody, RawBody } from '../http/body.js';
import { wireField } from '../http/error.filter.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { Who } from '../http/who.decorator.js';
import { ReasonBody } from '../routes/routes.dto.js';
import { expiryOf } from '../schedule/schedule.dto.js';
import { EvaluationStreams, type WantedEvaluations } from './evaluation-streams.js';
import { contextInput, countWire, detailsWire, explanationWire, sampleWire, staleWire } from './evaluation-wire.js';
import { flagWire, type FlagWire } from '../wire/flag-wire.js';
import { EvaluateBody, RolloutBody, ScheduleFlagBody, SwitchFlagBody } from './flags.dto.js';

type Flag = FlagWire;

/** Feature flags (wire contract, §10). They belong to no service: whoever is confined to some may read them. */
@Controller('api/flags')
export class FlagsController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly authentication: Authentication,
    private readonly evaluationStreams: EvaluationStreams,
  ) {}

  @Get()
  @Requires('viewer', 'filtered', { sdk: true })
  list(@Query() query: Readonly<Record<string, unknown>>): readonly Flag[] {
    return this.engine.sync.flags.list(filterOf(query)).map(flagWire);
  }

  /** Flags that could be removed from the code, or should be looked at. */
  @Get('stale')
  @Requires('viewer', 'filtered')
  stale(@Query('after') after?: unknown): readonly object[] {
    return this.engine.flags.stale(typeof after === 'string' && after !== '' ? { after } : {}).map(staleWire);
  }

  /** Evaluations of this process by flag, variation and minute. */
  @Get('counts')
  @Requires('viewer', 'filtered')
  counts(@Query('flag') flag?: unknown): readonly object[] {
    return this.engine.flags.counts(typeof flag === 'string' && flag !== '' ? { flag } : {}).map(countWire);
  }

  /** Single evaluations of this process, newest first. */
  @Get('evaluations')
  @Requires('viewer', 'filtered')
  evaluations(@Query() query: Readonly<Record<string, unknown>>): readonly object[] {
    return this.engine.flags.evaluations(wantedOf(query)).map(sampleWire);
  }

  /** Single evaluations of this process as they happen. */
  @Get('evaluations/stream')
  @Requires('viewer', 'filtered', { slowRefusal: true })
  followEvaluations(
    @Req() request: AdminRequest,
    @Res() response: ServerResponse,
    @Query() query: Readonly<Record<string, unknown>>,
  ): void {
    if (request.method === 'HEAD') return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
    this.evaluationStreams.open(request, response, wantedOf(query), this.authentication.watch(request));
  }

  /** What one context gets of every flag, and why. Not counted. */
  @Post('explain')
  @HttpCode(200)
  @Requires('viewer', 'filtered')
  explainAll(
    @Query() query: Readonly<Record<string, unknown>>,
    @ExactBody(EvaluateBody) { context }: EvaluateBody,
  ): readonly object[] {
    const caller = contextInput(context);
    const flags = this.engine.sync.flags.list(filterOf(query));
    return flags.map(({ key }) => explanationWire(this.engine.flags.explain(key, caller)));
  }

  @Get(':key')
  @Requires('viewer', 'filtered', { sdk: true })
  get(@Param('key') key: string): Flag {
    return flagWire(this.engine.sync.flags.get(key));
  }

  @Post()
  @Requires('operator', 'everything')
  async create(@RawBody() body: unknown, @Who() who: Principal): Promise<Flag> {
    const input = definition(body);
    return defining('Invalid flag definition', async () => flagWire(await this.engine.flags.create(input, who.author())));
  }

  /** Creates the flag, or replaces its definition. */
  @Put(':key')
  @Requires('operator', 'everything')
  async save(
    @Param('key') key: string,
    @RawBody() body: unknown,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    const input = definition(body, key);
    const change = { ...who.author(), ...expected };
    return defining('Invalid flag definition', async () => flagWire(await this.engine.flags.save(input, change)));
  }

  /** Replaces the fields that are given; `reason` is none of the flag, but why. */
  @Patch(':key')
  @Requires('operator', 'everything')
  async patch(
    @Param('key') key: string,
    @RawBody() body: unknown,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    const before = this.engine.sync.flags.get(key);
    if (!isObject(body)) throw badRequest('Body must be a JSON object');
    const patch = fromWire(flagInput, body);
    checkNames(patch, before.variations);
    const change = { ...who.author(reasonIn(body)), ...expected };
    return defining('Invalid patch', async () => flagWire(await this.engine.flags.patch(key, patch, change)));
  }

  @Delete(':key')
  @Requires('operator', 'everything')
  async delete(@Param('key') key: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    await this.engine.flags.delete(key, { ...who.author(), ...expected });
    return { ok: true, deleted: key };
  }

  @Post(':key/enable')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async enable(
    @Param('key') key: string,
    @ExactBody(SwitchFlagBody) body: SwitchFlagBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.enable(key, { ...who.author(body.reason), ...expected, ...expiryOf(body) }));
  }

  @Post(':key/disable')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async disable(
    @Param('key') key: string,
    @ExactBody(SwitchFlagBody) body: SwitchFlagBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.disable(key, { ...who.author(body.reason), ...expected, ...expiryOf(body) }));
  }

  /** Retires the flag: callers get their own default. */
  @Post(':key/archive')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async archive(
    @Param('key') key: string,
    @ExactBody(ReasonBody) body: ReasonBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.archive(key, { ...who.author(body.reason), ...expected }));
  }

  @Post(':key/restore')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async restore(
    @Param('key') key: string,
    @ExactBody(ReasonBody) body: ReasonBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.restore(key, { ...who.author(body.reason), ...expected }));
  }

  @Post(':key/evaluate')
  @HttpCode(200)
  @Requires('viewer', 'filtered', { sdk: true })
  evaluate(@Param('key') key: string, @LenientBody(EvaluateBody) { context }: EvaluateBody): object {
    this.engine.sync.flags.get(key);
    return detailsWire(this.engine.sync.flags.evaluate(key, contextInput(context)));
  }

  /** Every step of an evaluation, with what each saw. Not counted. */
  @Post(':key/explain')
  @HttpCode(200)
  @Requires('viewer', 'filtered')
  explain(@Param('key') key: string, @ExactBody(EvaluateBody) { context }: EvaluateBody): object {
    return explanationWire(this.engine.flags.explain(key, contextInput(context)));
  }

  /** Plans a change that makes itself. */
  @Post(':key/schedule')
  @Requires('operator', 'everything')
  async schedule(
    @Param('key') key: string,
    @ExactBody(ScheduleFlagBody) body: ScheduleFlagBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    const planned = fromWire(scheduledChangeInput, body) as ScheduledChangeInput;
    return flagWire(await this.engine.flags.schedule(key, planned, { ...who.author(), ...expected }));
  }

  @Delete(':key/schedule/:change')
  @Requires('operator', 'everything')
  async unschedule(
    @Param('key') key: string,
    @Param('change') change: string,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.unschedule(key, change, { ...who.author(), ...expected }));
  }

  /** Lets a variation grow by steps of time. */
  @Post(':key/rollout')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async rollout(
    @Param('key') key: string,
    @ExactBody(RolloutBody) body: RolloutBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    const { variation, otherwise, rule_id: ruleId, bucket_by: bucketBy, salt, steps, reason } = body;
    const rollout = {
      variation,
      steps: steps.map(({ weight, after }) => ({ weight, ...(after === undefined ? {} : { after }) })),
      ...(otherwise === undefined ? {} : { otherwise }),
      ...(ruleId === undefined ? {} : { ruleId }),
      ...(bucketBy === undefined ? {} : { bucketBy }),
      ...(salt === undefined ? {} : { salt }),
    };
    return flagWire(await this.engine.flags.rollout(key, rollout, { ...who.author(reason), ...expected }));
  }

  @Post(':key/rollout/pause')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async pause(
    @Param('key') key: string,
    @ExactBody(ReasonBody) body: ReasonBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.pauseRollout(key, { ...who.author(body.reason), ...expected }));
  }

  @Post(':key/rollout/resume')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async resume(
    @Param('key') key: string,
    @ExactBody(ReasonBody) body: ReasonBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.resumeRollout(key, { ...who.author(body.reason), ...expected }));
  }

  @Post(':key/rollout/abort')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async abort(
    @Param('key') key: string,
    @ExactBody(ReasonBody) body: ReasonBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Flag> {
    return flagWire(await this.engine.flags.abortRollout(key, { ...who.author(body.reason), ...expected }));
  }
}

function reasonIn({ reason }: Readonly<Record<string, unknown>>): string | undefined {
  if (reason === undefined || typeof reason === 'string') return reason;
  throw badRequest('Invalid patch: reason must be text');
}

/** @throws {AnswerError} 400 */
function definition(body: unknown, key?: string): FlagInput {
  if (!isObject(body)) throw badRequest('Invalid flag definition: the body must be an object');
  const input = fromWire(flagInput, body);
  if (key === undefined) return input as FlagInput;
  if (input.key !== undefined && input.key !== key) throw badRequest('Flag key in URL and body must match');
  return { ...input, key } as FlagInput;
}

/** Tells what is wrong with a definition in the contract's words. @throws {AnswerError} 400 */
export async function defining<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ValidationError) throw badRequest(`${what}: ${wireField(error.field)}: ${error.problem}`);
    throw error;
  }
}

/** @throws {AnswerError} 400 in the two texts clients know */
function checkNames(patch: Partial<FlagInput>, before: FlagInput['variations']): void {
  const { variations = before, offVariation, fallthrough } = patch;
  if (!Array.isArray(variations)) return;
  const names = variations.map((variation: unknown) => (isObject(variation) ? variation['name'] : undefined));
  for (const [field, name] of [
    ['off_variation', offVariation],
    ['fallthrough', fallthrough],
  ] as const) {
    if (typeof name === 'string' && !names.includes(name))
      throw badRequest(`${field} '${name}' does not match any variation name`);
  }
}

/** @throws {AnswerError} 400 for a type or a status there is not */
function filterOf({ type, status, tag, q }: Readonly<Record<string, unknown>>): FlagFilter {
  if (isText(type) && !FLAG_TYPES.includes(type as FlagType)) throw badRequest(`type must be one of ${FLAG_TYPES.join(', ')}`);
  if (isText(status) && !FLAG_STATUSES.includes(status as FlagStatus))
    throw badRequest(`status must be one of ${FLAG_STATUSES.join(', ')}`);
  return {
    ...(isText(type) ? { type: type as FlagType } : {}),
    ...(isText(status) ? { status: status as FlagStatus } : {}),
    ...(isText(tag) ? { tag } : {}),
    ...(isText(q) ? { search: q } : {}),
  };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function wantedOf({ flag, variation, key }: Readonly<Record<string, unknown>>): WantedEvaluations {
  return {
    ...(isText(flag) ? { flag } : {}),
    ...(isText(variation) ? { variation } : {}),
    ...(isText(key) ? { targetingKey: key } : {}),
  };
}

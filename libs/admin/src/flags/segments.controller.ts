import { Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { fromWire, segmentInput, segmentRule, WaygateEngine, type SegmentInput } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { badRequest } from '../http/answer-error.js';
import { ExactBody, isObject, RawBody } from '../http/body.js';
import { IfMatch, type Expected } from '../http/if-match.js';
import { Who } from '../http/who.decorator.js';
import { segmentWire, type SegmentWire } from '../wire/flag-wire.js';
import { defining } from './flags.controller.js';
import { MembersBody } from './flags.dto.js';

type Segment = SegmentWire;

const INVALID = 'Invalid segment definition';

/** Segments of callers, which flags refer to (wire contract, §10). */
@Controller('api/segments')
export class SegmentsController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get()
  @Requires('viewer', 'filtered', { sdk: true })
  list(): readonly Segment[] {
    return this.engine.sync.segments.list().map(segmentWire);
  }

  @Get(':key')
  @Requires('viewer', 'filtered', { sdk: true })
  get(@Param('key') key: string): Segment {
    return segmentWire(this.engine.sync.segments.get(key));
  }

  @Post()
  @Requires('operator', 'everything')
  async create(@RawBody() body: unknown, @Who() who: Principal): Promise<Segment> {
    const input = definition(body);
    return defining(INVALID, async () => segmentWire(await this.engine.segments.create(input, who.author())));
  }

  /** Creates the segment, or replaces it. */
  @Put(':key')
  @Requires('operator', 'everything')
  async save(
    @Param('key') key: string,
    @RawBody() body: unknown,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Segment> {
    const input = definition(body, key);
    const change = { ...who.author(), ...expected };
    return defining(INVALID, async () => segmentWire(await this.engine.segments.save(input, change)));
  }

  @Delete(':key')
  @Requires('operator', 'everything')
  async delete(@Param('key') key: string, @Who() who: Principal, @IfMatch() expected: Expected): Promise<object> {
    await this.engine.segments.delete(key, { ...who.author(), ...expected });
    return { ok: true, deleted: key };
  }

  @Post(':key/include')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async include(
    @Param('key') key: string,
    @ExactBody(MembersBody) { keys }: MembersBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Segment> {
    return segmentWire(await this.engine.segments.include(key, keys, { ...who.author(), ...expected }));
  }

  @Post(':key/exclude')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async exclude(
    @Param('key') key: string,
    @ExactBody(MembersBody) { keys }: MembersBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Segment> {
    return segmentWire(await this.engine.segments.exclude(key, keys, { ...who.author(), ...expected }));
  }

  /** Strikes callers off both lists. */
  @Post(':key/forget')
  @HttpCode(200)
  @Requires('operator', 'everything')
  async forget(
    @Param('key') key: string,
    @ExactBody(MembersBody) { keys }: MembersBody,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Segment> {
    return segmentWire(await this.engine.segments.forget(key, keys, { ...who.author(), ...expected }));
  }

  @Post(':key/rules')
  @Requires('operator', 'everything')
  async addRule(
    @Param('key') key: string,
    @RawBody() body: unknown,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Segment> {
    if (!isObject(body)) throw badRequest('JSON body must be an object');
    return segmentWire(await this.engine.segments.addRule(key, fromWire(segmentRule, body), { ...who.author(), ...expected }));
  }

  @Delete(':key/rules/:rule')
  @Requires('operator', 'everything')
  async removeRule(
    @Param('key') key: string,
    @Param('rule') rule: string,
    @Who() who: Principal,
    @IfMatch() expected: Expected,
  ): Promise<Segment> {
    return segmentWire(await this.engine.segments.removeRule(key, rule, { ...who.author(), ...expected }));
  }
}

/** @throws {AnswerError} 400 */
function definition(body: unknown, key?: string): SegmentInput {
  if (!isObject(body)) throw badRequest(`${INVALID}: the body must be an object`);
  const input = fromWire(segmentInput, body);
  if (key === undefined) return input as SegmentInput;
  if (input.key !== undefined && input.key !== key) throw badRequest('Segment key in URL and body must match');
  return { ...input, key };
}

import type { ServerResponse } from 'node:http';
import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { IsInt, IsString, MaxLength, Min } from 'class-validator';
import { ConflictError, toInstant, WaygateEngine, type AuditFilter, type HitFilter, type RecordKind } from '@waygate/core';
import { Authentication } from '../auth/authentication.js';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { headerOf, queryOf, type AdminRequest } from '../http/admin-request.js';
import { AnswerError } from '../http/answer-error.js';
import { bodyText, Optional, StrictBody } from '../http/body.js';
import { Who } from '../http/who.decorator.js';
import { Images } from './images.js';
import { IncomingChanges } from './incoming-changes.js';
import { readHits } from './incoming-hits.js';
import { Instances, type InstanceReport } from './instances.js';
import { RecordStreams, type Position } from './record-streams.js';
import { SyncScope } from './sync-scope.js';

export class AppliedBody {
  @IsString()
  @MaxLength(128)
  id: string;

  @Optional()
  @IsString()
  @MaxLength(128)
  version?: string;

  @IsInt()
  @Min(0)
  revision: number;
}

/**
 * For processes that have this server for their backend: records as they are stored, exactly. What differs from the wire contract's
 * endpoints is that nothing is translated, so that such a process decides like one on the store itself.
 */
@Controller('api/sdk')
export class SyncController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly streams: RecordStreams,
    private readonly images: Images,
    private readonly changes: IncomingChanges,
    private readonly instances: Instances,
    private readonly authentication: Authentication,
  ) {}

  /** Everything in scope, at one revision. */
  @Get('records')
  @Requires('viewer', 'filtered', { sdk: true })
  records(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): void {
    const bytes = this.images.of(scopeOf(request, who));
    response.setHeader('cache-control', 'no-store');
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length }).end(bytes);
  }

  /** A stream of what changes after `since` (a revision) of the store `epoch`. */
  @Get('records/changes')
  @Requires('viewer', 'filtered', { sdk: true, slowRefusal: true })
  follow(@Req() request: AdminRequest, @Res() response: ServerResponse, @Who() who: Principal): void {
    const scope = scopeOf(request, who);
    if (request.method === 'HEAD') return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end();
    const from = positionOf(request);
    const report = reportOf(request, scope);
    const enter = (revision: number) => (report === null ? () => undefined : this.instances.connected(report, revision));
    this.streams.open(request, response, scope, from, { isWelcome: this.authentication.watch(request), enter });
  }

  /** Commits a change set, wholly or not at all. */
  @Post('commit')
  @HttpCode(200)
  @Requires('operator', 'filtered', { sdk: true })
  async commit(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    try {
      return { revision: await this.changes.commit(bodyText(request), scopeOf(request, who), who) };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      const { kind, key, expected, actual } = error;
      throw new AnswerError(409, error.message, { body: { conflict: { kind, key, expected, actual } } });
    }
  }

  /** Audit entries as they are stored, newest first. */
  @Get('audit')
  @Requires('viewer', 'filtered', { sdk: true })
  async audit(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const scope = scopeOf(request, who);
    const filter = { ...auditFilter(request), ...(scope.service === null ? {} : { service: scope.service }) };
    const { items, next } = await this.engine.replication.queryAudit(filter, pageOf(request));
    return { items: items.filter((entry) => scope.service === null || scope.includes(entry)), next };
  }

  /** Keeps requests that were refused elsewhere. */
  @Post('hits')
  @HttpCode(200)
  @Requires('operator', 'filtered', { sdk: true })
  async appendHits(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    await this.engine.replication.appendHits(await readHits(bodyText(request), scopeOf(request, who)));
    return { ok: true };
  }

  /** Refused requests as they are stored, newest first. */
  @Get('hits')
  @Requires('viewer', 'filtered', { sdk: true })
  async hits(@Req() request: AdminRequest, @Who() who: Principal): Promise<object> {
    const scope = scopeOf(request, who);
    const { items, next } = await this.engine.replication.queryHits(hitFilter(request), pageOf(request));
    const visible = items.filter(({ route }) => scope.service === null || route.startsWith(`${scope.service}:`));
    return { items: visible, next };
  }

  /** A process tells which revision it decides by. */
  @Post('instances')
  @HttpCode(200)
  @Requires('viewer', 'filtered', { sdk: true })
  applied(@Req() request: AdminRequest, @StrictBody(AppliedBody) body: AppliedBody, @Who() who: Principal): object {
    const { service } = scopeOf(request, who);
    this.instances.applied({ id: body.id, service, version: body.version ?? null }, body.revision);
    return { ok: true };
  }
}

function scopeOf(request: AdminRequest, who: Principal): SyncScope {
  return SyncScope.of(who, headerOf(request, 'x-waygate-app-id'));
}

/** `Last-Event-ID` wins over the query, as it is newer. */
function positionOf(request: AdminRequest): Position | null {
  const since = headerOf(request, 'last-event-id') ?? queryOf(request, 'since') ?? '';
  const epoch = queryOf(request, 'epoch');
  return /^\d{1,15}$/.test(since) ? { revision: Number(since), epoch } : null;
}

function reportOf(request: AdminRequest, { service }: SyncScope): InstanceReport | null {
  const id = headerOf(request, 'x-waygate-instance');
  return id === null
    ? null
    : { id: id.slice(0, 128), service, version: headerOf(request, 'x-waygate-version')?.slice(0, 128) ?? null };
}

function pageOf(request: AdminRequest): { limit: number; cursor?: string } {
  const limit = Number(queryOf(request, 'limit') ?? 50);
  const cursor = queryOf(request, 'cursor');
  return { limit, ...(cursor === null ? {} : { cursor }) };
}

function auditFilter(request: AdminRequest): AuditFilter {
  const text = (name: string) => queryOf(request, name);
  const [key, kind, service, actor, action] = ['key', 'kind', 'service', 'actor', 'action'].map(text);
  const [revision, since, until] = ['revision', 'since', 'until'].map(text);
  return {
    ...(key == null ? {} : { key }),
    ...(kind == null ? {} : { kind: kind as RecordKind }),
    ...(service == null ? {} : { service }),
    ...(actor == null ? {} : { actor }),
    ...(action == null ? {} : { action: action as NonNullable<AuditFilter['action']> }),
    ...(revision == null ? {} : { revision: Number(revision) }),
    ...(since == null ? {} : { since: toInstant(since, 'since') }),
    ...(until == null ? {} : { until: toInstant(until, 'until') }),
  };
}

function hitFilter(request: AdminRequest): HitFilter {
  const [route, caller, since] = ['route', 'caller', 'since'].map((name) => queryOf(request, name));
  return {
    ...(route == null ? {} : { route }),
    ...(caller == null ? {} : { caller }),
    ...(since == null ? {} : { since: toInstant(since, 'since') }),
  };
}

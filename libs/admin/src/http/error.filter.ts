import type { ServerResponse } from 'node:http';
import { Catch, HttpException, Inject, Injectable, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import {
  AlreadyExistsError,
  AmbiguousRouteError,
  BackendUnavailableError,
  ChangeFailedError,
  ChangeRefusedError,
  ChangesConflictError,
  ConflictError,
  DeliveryNotFoundError,
  EngineClosedError,
  FlagNotFoundError,
  InUseError,
  RevisionConflictError,
  RevisionNotFoundError,
  RouteNotFoundError,
  RouteProtectedError,
  SegmentNotFoundError,
  ValidationError,
  WaygateError,
  WebhookNotFoundError,
} from '@waygate/core';
import { errorMessage, isError } from '@waygate/core/native-errors';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { conflictWire } from './conflict-wire.js';
import { headerOf, pathOf, type AdminRequest } from './admin-request.js';
import { AnswerError, SignInRequired } from './answer-error.js';
import { sendJson } from './send-json.js';
import { signInLocation } from './sign-in-location.js';
import { mayHaveChanged, storeFailureText } from './store-failure.js';
import { wireTime } from './wire-time.js';

/** Things that are named in the URL and are not there. */
const NOT_FOUND = [DeliveryNotFoundError, RevisionNotFoundError, WebhookNotFoundError] as const;

/** Answers every failure as `{"error": "<text>"}`. What is not known to be harmless goes to the log and not to the caller. */
@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('WaygateAdmin');

  constructor(@Inject(ADMIN_CONFIG) private readonly config: AdminConfig) {}

  catch(error: unknown, context: ArgumentsHost): void {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const response = context.switchToHttp().getResponse<ServerResponse>();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof SignInRequired && this.config.dashboard && this.#isPage(request)) {
      response.writeHead(302, { location: signInLocation(request, this.config.path) }).end();
      return;
    }
    if (error instanceof AnswerError) {
      for (const [name, value] of Object.entries(error.more.headers ?? {})) response.setHeader(name, value);
      return sendJson(response, error.getStatus(), error.getResponse());
    }
    const { status, body } = this.#answer(error, request);
    sendJson(response, status, body);
  }

  #answer(error: unknown, request: AdminRequest): { status: number; body: object } {
    if (error instanceof ChangeFailedError) {
      const { status, body } = this.#answer(error.cause, request);
      return { status, body: { ...body, error: `${wireField(error.at)}: ${error.cause.message}`, change: error.index } };
    }
    if (error instanceof RouteNotFoundError) return { status: 404, body: { error: new RouteNotFoundError(error.key).message } };
    if (NOT_FOUND.some((kind) => error instanceof kind)) return { status: 404, body: { error: (error as WaygateError).message } };
    if (error instanceof RevisionConflictError) return { status: 409, body: { error: error.message, later: laterWire(error) } };
    if (error instanceof AmbiguousRouteError)
      return { status: 409, body: { error: error.message, ambiguous_matches: error.matches } };
    if (error instanceof FlagNotFoundError || error instanceof SegmentNotFoundError)
      return { status: 404, body: { error: error.message } };
    if (error instanceof AlreadyExistsError)
      return { status: 409, body: { error: `${error.kind} '${error.key}' already exists. Use PUT to update.` } };
    if (error instanceof InUseError) return { status: 409, body: { error: error.message, dependants: error.dependants } };
    if (error instanceof RouteProtectedError) return { status: 409, body: { error: error.message } };
    if (error instanceof ChangesConflictError && pathOf(request, this.config.path) === '/api/changes')
      return { status: 409, body: { error: error.message, conflicts: error.conflicts.map(conflictWire) } };
    if (error instanceof ConflictError)
      return {
        status: headerOf(request, 'if-match') === null ? 409 : 412,
        body: { error: error.message, revision: error.actual },
      };
    if (error instanceof BackendUnavailableError || error instanceof EngineClosedError) {
      this.#logger.warn(error.message);
      return {
        status: 503,
        body: { error: storeFailureText(error), ...(mayHaveChanged(error) ? { may_have_changed: true } : {}) },
      };
    }
    if (error instanceof ChangeRefusedError) return { status: 403, body: { error: error.message } };
    if (error instanceof ValidationError) return { status: 400, body: { error: `${wireField(error.field)}: ${error.problem}` } };
    if (error instanceof WaygateError) return { status: 400, body: { error: error.message } };
    // Express refuses URLs it cannot decode with an error of its own.
    if (error instanceof URIError) return { status: 400, body: { error: 'The URL cannot be decoded' } };
    if (error instanceof HttpException && error.getStatus() < 500)
      return { status: error.getStatus(), body: { error: error.message } };
    this.#logger.error(errorMessage(error), isError(error) ? error.stack : undefined);
    return { status: 500, body: { error: 'Internal server error' } };
  }

  #isPage(request: AdminRequest): boolean {
    const path = pathOf(request, this.config.path);
    const reads = request.method === 'GET' || request.method === 'HEAD';
    return reads && !/^\/(api|ofrep)(\/|$)/.test(path) && path !== '/login' && headerOf(request, 'x-waygate-platform') !== 'cli';
  }
}

/** Which change it was, and no more of it. */
function laterWire({ later }: RevisionConflictError): object | null {
  if (later === null) return null;
  const { revision, action, actor, at } = later;
  return { revision, action, actor, timestamp: wireTime(at) };
}

/** A field as it is called on the wire, where names are in snake case and limits stand alone. */
export function wireField(field: string): string {
  return field.replace(/^(?:rateLimits?(?:\[0\])?|window)\./, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

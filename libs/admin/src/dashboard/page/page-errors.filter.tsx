import { Catch, HttpException, Inject, Injectable, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import {
  AmbiguousRouteError,
  BackendUnavailableError,
  EngineClosedError,
  FlagNotFoundError,
  RouteNotFoundError,
  SegmentNotFoundError,
  WaygateError,
  WebhookNotFoundError,
} from '@waygate/core';
import type { ServerResponse } from 'node:http';
import { errorTrace } from '@waygate/core/native-errors';
import {
  ADMIN_CONFIG,
  type AdminConfig,
  type AdminRequest,
  headerOf,
  sendJson,
  signInLocation,
  SignInRequired,
  storeFailureText,
} from '../admin/surface.js';
import { Pages } from './pages.js';

interface Problem {
  readonly status: number;
  readonly text: string;
}

/** Answers failures of pages as pages; where htmx asked, as a line for its toast. */
@Catch()
@Injectable()
export class PageErrorsFilter implements ExceptionFilter {
  readonly #logger = new Logger('WaygateAdmin');

  constructor(
    private readonly pages: Pages,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  catch(error: unknown, context: ArgumentsHost): void {
    const request = context.switchToHttp().getRequest<AdminRequest>();
    const response = context.switchToHttp().getResponse<ServerResponse>();
    const isPartial = headerOf(request, 'hx-request') === 'true';
    if (response.headersSent) return void response.destroy();
    if (error instanceof SignInRequired) return this.#signIn(request, response, isPartial);
    const { status, text } = this.#problem(error);
    if (isPartial) {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
      return;
    }
    const body = (
      <main class="bare">
        <p class="bare-code">{status}</p>
        <h1>{status === 404 ? 'There is nothing here' : status === 403 ? 'This is not yours to do' : 'That did not work'}</h1>
        <p>{text}</p>
        <p>
          <a class="button" href={this.pages.links.to('')}>
            To the overview
          </a>
        </p>
      </main>
    );
    this.pages.bare(request, response, String(status), body, status);
  }

  #signIn(request: AdminRequest, response: ServerResponse, isPartial: boolean): void {
    if (headerOf(request, 'x-waygate-platform') === 'cli') sendJson(response, 401, new SignInRequired().getResponse());
    else if (isPartial) response.writeHead(401, { 'hx-redirect': this.pages.links.to('login') }).end();
    else response.writeHead(302, { location: signInLocation(request, this.config.path) }).end();
  }

  #problem(error: unknown): Problem {
    if (error instanceof HttpException && error.getStatus() < 500) return { status: error.getStatus(), text: error.message };
    if (error instanceof BackendUnavailableError || error instanceof EngineClosedError) {
      this.#logger.warn(error.message);
      return { status: 503, text: storeFailureText(error) };
    }
    if (isMissing(error)) return { status: 404, text: error.message };
    if (error instanceof WaygateError) return { status: 400, text: error.message };
    this.#logger.error(errorTrace(error));
    return { status: 500, text: 'Something failed on the server; its log says what.' };
  }
}

function isMissing(error: unknown): error is WaygateError {
  return [RouteNotFoundError, AmbiguousRouteError, FlagNotFoundError, SegmentNotFoundError, WebhookNotFoundError].some(
    (kind) => error instanceof kind,
  );
}

import type { ServerResponse } from 'node:http';
import { createParamDecorator, Res, type ExecutionContext } from '@nestjs/common';
import type { Author } from '@waygate/core';
import { type AdminRequest, badRequest, bodyText, headerOf, type Principal, principalOf, queryOf } from '../admin/surface.js';

const MAX_FILTER = 500;

/** One request for a page, by somebody who is signed in. */
export class Visit {
  readonly who: Principal;
  #form: URLSearchParams | undefined;

  constructor(
    readonly request: AdminRequest,
    readonly response: ServerResponse,
  ) {
    this.who = principalOf(request);
  }

  /** Whether htmx asks: then a piece of a page is enough. */
  get isPartial(): boolean {
    return headerOf(this.request, 'hx-request') === 'true';
  }

  /** Whether a form was sent. */
  get isSent(): boolean {
    return this.request.method === 'POST';
  }

  /** What was sent by a form, in the order of its fields. */
  get form(): URLSearchParams {
    return (this.#form ??= new URLSearchParams(bodyText(this.request)));
  }

  /** One value of the query; empty = it is not there. */
  query(name: string): string {
    return queryOf(this.request, name) ?? '';
  }

  /** Of the parameters of a list, those that narrow it: not empty, and cut to what a person types. */
  filter<Name extends string>(...names: readonly Name[]): Partial<Record<Name, string>> {
    const given: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = this.query(name).slice(0, MAX_FILTER);
      if (value !== '') given[name] = value;
    }
    return given;
  }

  /** All values of the query. */
  queries(name: string): readonly string[] {
    const [, search = ''] = this.request.originalUrl.split('?');
    return new URLSearchParams(search).getAll(name);
  }

  /** Text of a form's field, trimmed; empty = it is not there. */
  field(name: string): string {
    return (this.form.get(name) ?? '').trim();
  }

  /** A revision the form was made from; nothing = any may be replaced. */
  private expected(): { readonly expectedRevision?: number } {
    const text = this.field('revision');
    if (text === '') return {};
    if (!/^\d{1,15}$/.test(text)) throw badRequest('revision must be a number');
    return { expectedRevision: Number(text) };
  }

  /** A change by this form: who makes it, why, and the revision it was made from. */
  change(): Author & { readonly expectedRevision?: number } {
    return { ...this.author(), ...this.expected() };
  }

  /** Who changes something with this, and why. */
  author(): Author {
    const reason = this.field('reason');
    return { actor: this.who.name, platform: 'dashboard', ...(reason === '' ? {} : { reason }) };
  }
}

const VisitOf = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  const http = context.switchToHttp();
  return new Visit(http.getRequest<AdminRequest>(), http.getResponse<ServerResponse>());
});

/** Behind the parameters of every handler. */
const BEYOND = 8;

/** The {@link Visit} a handler answers, by itself: Nest sends nothing, as where a handler asks for `@Res()`. */
export function Visiting(): ParameterDecorator {
  return (target, name, index) => {
    VisitOf()(target, name, index);
    Res()(target, name, index + BEYOND);
  };
}

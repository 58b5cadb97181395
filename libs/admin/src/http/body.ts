import type { IncomingMessage, ServerResponse } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { createParamDecorator, Inject, Injectable, type ExecutionContext, type NestMiddleware, type Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidateIf, validateSync, type ValidationError } from 'class-validator';
import { ADMIN_CONFIG, type AdminConfig } from '../config/admin-config.js';
import { pathOf, type AdminRequest } from './admin-request.js';
import { badRequest } from './answer-error.js';
import { sendJson } from './send-json.js';

/** Larger bodies are refused with 413. */
const MAX_BODY_BYTES = 256 * 1024;
/** What processes that have this one for their backend may send in one change set: all routes of a large service. */
const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
/** What takes many records, or many changes, at once. */
const LARGE_BODIES: ReadonlySet<string> = new Set(['/api/sdk/commit', '/api/changes']);
export const MAX_DEPTH = 32;
/** Of a body that a class checks. */
const MAX_OBJECTS = 400;
const MAX_VALUES = 11_000;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
const BODIES = new WeakMap<IncomingMessage, string>();

/** Tells whether a request comes from a signed-in caller. */
export type IsKnownCaller = (request: AdminRequest) => boolean;

/** Injection token of {@link IsKnownCaller}. */
export const IS_KNOWN_CALLER = Symbol('IS_KNOWN_CALLER');

/** Reads the whole body, whatever its type is said to be: clients of the wire contract leave that out, or say something else. */
@Injectable()
export class BodyReader implements NestMiddleware<AdminRequest, ServerResponse> {
  constructor(
    @Inject(IS_KNOWN_CALLER) private readonly isKnownCaller: IsKnownCaller,
    @Inject(ADMIN_CONFIG) private readonly config: AdminConfig,
  ) {}

  use(request: AdminRequest & { readonly body?: unknown }, response: ServerResponse, next: (error?: unknown) => void): void {
    // Some hosts (functions in a cloud) read bodies before the app sees the request.
    if (request.readableEnded) {
      const { body = '' } = request;
      BODIES.set(request, typeof body === 'string' ? body : Buffer.isBuffer(body) ? body.toString('utf8') : JSON.stringify(body));
      return next();
    }
    // Decoded as it arrives: decoding a large body at once would keep everybody else waiting.
    const decoder = new StringDecoder('utf8');
    let text = '';
    let size = 0;
    const announced = Number(request.headers['content-length'] ?? 0);
    const most = this.#most(request, announced);
    if (announced > most) return refuse(request, response, most);
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= most) return void (text += decoder.write(chunk));
      request.off('data', take).off('end', complete);
      refuse(request, response, most);
    };
    // The caller hung up: nobody waits for an answer.
    const hangUp = () => void response.destroy();
    const complete = () => {
      // A stream's request lives as long as the stream: nothing of this may hang on it.
      request.off('data', take).off('end', complete).off('error', hangUp);
      if (size > 0) BODIES.set(request, text + decoder.end());
      next();
    };
    request.on('data', take).on('end', complete).on('error', hangUp);
  }

  /** Only from somebody we know is more taken, and only where it is needed. */
  #most(request: AdminRequest, announced: number): number {
    if (announced <= MAX_BODY_BYTES || !LARGE_BODIES.has(pathOf(request, this.config.path))) return MAX_BODY_BYTES;
    return this.isKnownCaller(request) ? MAX_COMMIT_BYTES : MAX_BODY_BYTES;
  }
}

/** The body as JSON must be there and be an object; what stands in it is checked by the DTO class. */
export const StrictBody = createParamDecorator((Dto: Type<object>, context: ExecutionContext) =>
  strictBodyOf(context.switchToHttp().getRequest<IncomingMessage>(), Dto),
);

/** An absent body, one that is no JSON, or no object, counts as `{}`. */
export const LenientBody = createParamDecorator((Dto: Type<object>, context: ExecutionContext) => {
  const value = parsed(context.switchToHttp().getRequest<IncomingMessage>());
  return toDto(Dto, isObject(value) ? value : {});
});

/** What makes {@link ExactBody}; handlers are known by it. */
export const exactBodyOf = (Dto: Type<object>, context: ExecutionContext): object => {
  const request = context.switchToHttp().getRequest<IncomingMessage>();
  return bodyText(request).trim() === '' ? toDto(Dto, {}, true) : toDto(Dto, objectOf(request), true);
};

/** A body where the wire contract asks for no leniency: none counts as `{}`, anything else must be an object with fields the class has. */
export const ExactBody = createParamDecorator(exactBodyOf);

/** The body's JSON as it is, for what the core checks as a whole. @throws {AnswerError} 400 when it is none, or cannot be safe */
export const RawBody = createParamDecorator((_data: unknown, context: ExecutionContext): unknown => {
  const value = parsed(context.switchToHttp().getRequest<IncomingMessage>());
  if (value === undefined) throw badRequest('Invalid JSON body');
  checkKeys(value, 0);
  return value;
});

/** Accepts `undefined` and checks everything else: `null` is a value, and mostly a wrong one. */
export function Optional(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined);
}

/** The field may be missing, or `null`, as it is in what we answer: both mean that there is none. */
export function OptionalOrNull(): PropertyDecorator {
  return ValidateIf((_object, value) => value !== undefined && value !== null);
}

/** The body's text. */
export function bodyText(request: IncomingMessage): string {
  return BODIES.get(request) ?? '';
}

/** The body's JSON; `undefined` = it is none. */
export function parsed(request: IncomingMessage): unknown {
  try {
    return JSON.parse(bodyText(request));
  } catch {
    return undefined;
  }
}

/**
 * @param exact refuses fields that the class does not have: a misspelled one must not be taken for one left out
 * @throws {AnswerError} 400, naming the field
 */
function toDto<T extends object>(Dto: Type<T>, value: object, exact = false): T {
  checkKeys(value, 0);
  checkSize(value);
  const dto = plainToInstance(Dto, value);
  const [error] = validateSync(dto, { whitelist: true, forbidNonWhitelisted: exact, forbidUnknownValues: false });
  if (error !== undefined) throw badRequest(messageOf(error));
  return dto;
}

/** @throws {AnswerError} 400 when the body is no JSON, no object, or not what the class says */
export function strictBodyOf<T extends object>(request: IncomingMessage, Dto: Type<T>): T {
  return toDto(Dto, objectOf(request));
}

/** @throws {AnswerError} 400 when the body is no JSON, or no object */
function objectOf(request: IncomingMessage): object {
  const value = parsed(request);
  if (value === undefined) throw badRequest('Invalid JSON body');
  if (!isObject(value)) throw badRequest('JSON body must be an object');
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is nested deeper than what is taken: what reads it, recurses. */
export function isNestedTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth > MAX_DEPTH || Object.values(value).some((inner) => isNestedTooDeep(inner, depth + 1));
}

/** @throws {AnswerError} 400 for names that would reach into a prototype, and for values that are nested too deep */
export function checkKeys(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw badRequest(`The body is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const inner of value) if (typeof inner === 'object') checkKeys(inner, depth + 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(key)) throw badRequest(`'${key}' cannot be a key`);
    checkKeys((value as Record<string, unknown>)[key], depth + 1);
  }
}

/**
 * Classes are checked at about 30 µs an object and 1 µs any other value, all of them before the first problem is told. What is checked
 * by them has no more than a few hundred objects and, where routes are listed, some thousand texts.
 * @throws {AnswerError} 400 for more
 */
function checkSize(value: object): void {
  let objects = 0;
  let values = 0;
  const count = (inner: unknown): void => {
    if (++values > MAX_VALUES) throw badRequest(`The body must have at most ${MAX_VALUES} values`);
    if (typeof inner !== 'object' || inner === null) return;
    if (++objects > MAX_OBJECTS) throw badRequest(`The body must have at most ${MAX_OBJECTS} objects and lists`);
    for (const each of Array.isArray(inner) ? inner : Object.values(inner)) count(each);
  };
  count(value);
}

function messageOf(error: ValidationError): string {
  // Decorators register from the lowest up: the last one is what stands on top, the type.
  const { constraints = {} } = error;
  const message = Object.values(constraints).at(-1);
  if ('whitelistValidation' in constraints && error.target !== undefined) return unknownField(error.property, error.target);
  if (message !== undefined) return message;
  const [inner] = error.children ?? [];
  return inner === undefined ? `${error.property} is not valid` : `${error.property}: ${messageOf(inner)}`;
}

function unknownField(field: string, target: object): string {
  const rules = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  const known = [...new Set(rules.map(({ propertyName }) => propertyName))].toSorted();
  return `${field} is not a field of this; there are ${known.join(', ')}`;
}

function refuse(request: IncomingMessage, response: ServerResponse, most: number): void {
  response.setHeader('connection', 'close');
  response.once('finish', () => request.destroy());
  sendJson(response, 413, { error: `The body is larger than ${most / 1024} KB` });
}

import * as v from 'valibot';
import type { Schema } from './check.js';
import { instant } from './fields.js';
import { isArray, isLazy, isObject, isVariant, isWrapping, perSchema, rootOf, type AnySchema } from './schema-nodes.js';
import { isInternal, wireNameOf } from './wire-name.js';
import { instantOnWire } from './wire-time.js';

// The wire form of a value (wire contract, §3): the same members in snake_case, and moments without zero fractions. Both directions follow
// from the schema of the value.

type Convert = (value: unknown) => unknown;
type Fields = Readonly<Record<string, unknown>>;

/** A name in snake_case. */
type Snake<S extends string> = S extends `${infer Head}${infer Tail}`
  ? Tail extends Uncapitalize<Tail>
    ? `${Lowercase<Head>}${Snake<Tail>}`
    : `${Lowercase<Head>}_${Snake<Tail>}`
  : S;

/** The type of a value's wire form. Tables with free keys keep them. */
export type WireOf<T> = T extends readonly (infer Item)[]
  ? readonly WireOf<Item>[]
  : T extends object
    ? string extends keyof T
      ? T
      : { readonly [K in keyof T & string as Snake<K>]: WireOf<T[K]> }
    : T;

/** A value in its wire form. Members that the schema does not know are left out. */
export function toWire<T>(schema: Schema<T>, value: { readonly [K in keyof T]: unknown }): WireOf<T> {
  return encoder(schema)(value) as WireOf<T>;
}

/**
 * What a body in wire form says, in the names of the schema; only the members that are present, so that it also serves patches. It is
 * not checked: read it with the schema.
 */
export function fromWire<In>(schema: Schema<unknown, In>, body: object): Partial<In> {
  return decoder(schema)(body) as Partial<In>;
}

const encoder: (schema: AnySchema) => Convert = perSchema((schema) => {
  if (schema === instant) return (value) => (typeof value === 'string' ? instantOnWire(value) : value);
  return converter(rootOf(schema), encoder, ({ name, wire }) => [name, wire]);
});

const decoder: (schema: AnySchema) => Convert = perSchema((schema) =>
  converter(rootOf(schema), decoder, ({ name, wire }) => [wire, name]),
);

interface Member {
  readonly name: string;
  readonly wire: string;
  readonly entry: AnySchema;
}

function membersOf(entries: v.ObjectEntries): readonly Member[] {
  return (Object.entries(entries) as [string, AnySchema][])
    .filter(([, entry]) => !isInternal(entry))
    .map(([name, entry]) => ({ name, wire: wireNameOf(entry) ?? snakeCase(name), entry }));
}

function converter(
  schema: AnySchema,
  inner: (schema: AnySchema) => Convert,
  names: (member: Member) => readonly [from: string, to: string],
): Convert {
  if (isObject(schema)) {
    const steps = membersOf(schema.entries).map((member) => [...names(member), inner(member.entry)] as const);
    return (value) => {
      if (!isFields(value)) return value;
      const converted: Record<string, unknown> = {};
      for (const [from, to, convert] of steps) if (Object.hasOwn(value, from)) converted[to] = convert(value[from]);
      return converted;
    };
  }
  if (isArray(schema)) {
    const convert = inner(schema.item);
    return (value) => (Array.isArray(value) ? value.map(convert) : value);
  }
  if (isWrapping(schema)) return inner(schema.wrapped);
  if (isVariant(schema)) {
    return (value) => {
      const option = schema.options.find((each) => isFields(value) && discriminates(each, schema.key, value));
      return option === undefined ? value : inner(option)(value);
    };
  }
  if (isLazy(schema)) return (value) => inner(schema.getter(value))(value);
  return (value) => value;
}

function discriminates(option: AnySchema, key: string, value: Fields): boolean {
  const root = rootOf(option);
  const entry = isObject(root) ? root.entries[key] : undefined;
  return entry !== undefined && v.is(entry, value[key]);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

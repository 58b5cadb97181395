import * as v from 'valibot';
import { instantOnWire } from './wire-time.js';
import type { Schema } from './check.js';
import { instant } from './fields.js';
import { isInternal, wireNameOf } from './wire-name.js';

// The wire form of a value (wire contract, §3): the same members in snake_case, and moments without zero fractions. Both directions and
// the schema of the wire form follow from the schema of the value.

type Any = v.GenericSchema;
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

/** The schema of the wire form, e.g. for a JSON Schema. */
export const wireSchema = memoized((schema: Any): Any => {
  if ('pipe' in schema) {
    const [root, ...rest] = (schema as v.SchemaWithPipe<[Any, ...v.GenericPipeItem[]]>).pipe;
    return v.pipe(wireSchema(root), ...(rest as []));
  }
  return mapInner(schema, wireSchema, (entries) =>
    Object.fromEntries(entries.map(({ wire, entry }) => [wire, wireSchema(entry)])),
  );
});

const encoder = memoized((schema: Any): Convert => {
  if (schema === instant) return (value) => (typeof value === 'string' ? instantOnWire(value) : value);
  return converter(rootOf(schema), encoder, ({ name, wire }) => [name, wire]);
});

const decoder = memoized((schema: Any): Convert => converter(rootOf(schema), decoder, ({ name, wire }) => [wire, name]));

interface Member {
  readonly name: string;
  readonly wire: string;
  readonly entry: Any;
}

function membersOf(entries: v.ObjectEntries): readonly Member[] {
  return Object.entries(entries)
    .map(([name, entry]) => ({ name, wire: wireNameOf(entry as Any) ?? snakeCase(name), entry: entry as Any }))
    .filter(({ entry }) => !isInternal(entry));
}

function converter(
  schema: Any,
  inner: (schema: Any) => Convert,
  names: (member: Member) => readonly [from: string, to: string],
): Convert {
  if (isType<v.ObjectSchema<v.ObjectEntries, undefined>>(schema, 'object', 'strict_object')) {
    const steps = membersOf(schema.entries).map((member) => ({ names: names(member), convert: inner(member.entry) }));
    return (value) => {
      if (!isFields(value)) return value;
      const converted: Record<string, unknown> = {};
      for (const {
        names: [from, to],
        convert,
      } of steps)
        if (Object.hasOwn(value, from)) converted[to] = convert(value[from]);
      return converted;
    };
  }
  if (isType<v.ArraySchema<Any, undefined>>(schema, 'array')) {
    const convert = inner(schema.item);
    return (value) => (Array.isArray(value) ? value.map(convert) : value);
  }
  if (isType<Any & { readonly wrapped: Any }>(schema, 'optional', 'nullable')) return inner(schema.wrapped);
  if (isType<Any & { readonly key: string; readonly options: readonly Any[] }>(schema, 'variant')) {
    return (value) => {
      const option = schema.options.find((each) => isFields(value) && discriminates(each, schema.key, value));
      return option === undefined ? value : inner(option)(value);
    };
  }
  if (isType<v.LazySchema<Any>>(schema, 'lazy')) return (value) => inner(schema.getter(value))(value);
  return (value) => value;
}

function discriminates(option: Any, key: string, value: Fields): boolean {
  const entry = (rootOf(option) as v.ObjectSchema<v.ObjectEntries, undefined>).entries[key];
  return entry !== undefined && v.is(entry as Any, value[key]);
}

function mapInner(schema: Any, change: (schema: Any) => Any, entriesOf: (members: readonly Member[]) => v.ObjectEntries): Any {
  const changed = (inner: object): Any => ({ ...schema, ...inner });
  if (isType<v.ObjectSchema<v.ObjectEntries, undefined>>(schema, 'object', 'strict_object'))
    return changed({ entries: entriesOf(membersOf(schema.entries)) });
  if (isType<v.ArraySchema<Any, undefined>>(schema, 'array')) return changed({ item: change(schema.item) });
  if (isType<Any & { readonly wrapped: Any }>(schema, 'optional', 'nullable'))
    return changed({ wrapped: change(schema.wrapped) });
  if (isType<Any & { readonly options: readonly Any[] }>(schema, 'variant'))
    return changed({ options: schema.options.map(change) });
  return schema;
}

function rootOf(schema: Any): Any {
  return 'pipe' in schema ? rootOf((schema as v.SchemaWithPipe<[Any]>).pipe[0]) : schema;
}

function isType<S extends Any>(schema: Any, ...types: readonly string[]): schema is S {
  return types.includes(schema.type);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A function of schemas that is computed once per schema; recursive schemas find what is under way through `lazy`. */
function memoized<R extends object>(compute: (schema: Any) => R): (schema: Any) => R {
  const known = new WeakMap<Any, R>();
  return (schema) => {
    const result = known.get(schema) ?? compute(schema);
    known.set(schema, result);
    return result;
  };
}

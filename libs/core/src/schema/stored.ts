import * as v from 'valibot';
import type { Schema } from './check.js';
import { storedFormOf } from './fields.js';

type Any = v.GenericSchema;
type Inner = Any & { readonly wrapped: Any };

const ofType = <S extends Any>(schema: Any, ...types: readonly string[]): schema is S => types.includes(schema.type);

/**
 * The schema of a value as it is stored: nothing is filled in, so a member that has a default must be present. Members that may be
 * absent from the store stay optional.
 */
export function stored<Out>(schema: Schema<Out, never> | Schema<Out>): Schema<Out> {
  return whole(schema as Any) as Schema<Out>;
}

const WHOLE = new WeakMap<Any, Any>();

function whole(schema: Any): Any {
  const known = WHOLE.get(schema) ?? withoutDefaults(schema);
  WHOLE.set(schema, known);
  return known;
}

function withoutDefaults(schema: Any): Any {
  const stores = storedFormOf(schema);
  if (stores !== undefined) return stores;
  if ('pipe' in schema) {
    const [root, ...rest] = (schema as v.SchemaWithPipe<[Any, ...v.GenericPipeItem[]]>).pipe;
    return v.pipe(whole(root), ...(rest.map((item) => (item.kind === 'schema' ? whole(item as Any) : item)) as []));
  }
  if (ofType<v.ObjectSchema<v.ObjectEntries, undefined>>(schema, 'object', 'strict_object')) {
    const entries = Object.entries(schema.entries).map(([name, entry]) => [name, whole(entry as Any)]);
    return changed(schema, { entries: Object.fromEntries(entries) });
  }
  if (ofType<v.ArraySchema<Any, undefined>>(schema, 'array')) return changed(schema, { item: whole(schema.item) });
  if (ofType<v.RecordSchema<v.GenericSchema<string>, Any, undefined>>(schema, 'record'))
    return changed(schema, { value: whole(schema.value) });
  if (ofType<Inner & { readonly default: unknown }>(schema, 'optional') && schema.default !== undefined)
    return whole(schema.wrapped);
  if (ofType<Inner>(schema, 'optional', 'nullable')) return changed(schema, { wrapped: whole(schema.wrapped) });
  if (ofType<Any & { readonly options: readonly Any[] }>(schema, 'union', 'variant'))
    return changed(schema, { options: schema.options.map(whole) });
  if (ofType<v.LazySchema<Any>>(schema, 'lazy')) return v.lazy((input) => whole(schema.getter(input)));
  return schema;
}

/** The same schema with other inner schemas, which it reads from its own members. */
function changed(schema: Any, inner: object): Any {
  return { ...schema, ...inner };
}

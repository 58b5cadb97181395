import * as v from 'valibot';
import type { Schema } from './check.js';

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

function whole(schema: Any): Any {
  if ('pipe' in schema) {
    const [root, ...rest] = (schema as v.SchemaWithPipe<[Any, ...v.GenericPipeItem[]]>).pipe;
    return v.pipe(whole(root), ...(rest.map((item) => (item.kind === 'schema' ? whole(item as Any) : item)) as []));
  }
  if (ofType<v.ObjectSchema<v.ObjectEntries, undefined>>(schema, 'object', 'strict_object')) {
    const entries = Object.entries(schema.entries).map(([name, entry]) => [name, whole(entry as Any)]);
    return { ...schema, entries: Object.fromEntries(entries) as v.ObjectEntries };
  }
  if (ofType<v.ArraySchema<Any, undefined>>(schema, 'array')) return { ...schema, item: whole(schema.item) };
  if (ofType<v.RecordSchema<v.GenericSchema<string>, Any, undefined>>(schema, 'record'))
    return { ...schema, value: whole(schema.value) };
  if (ofType<Inner & { readonly default: unknown }>(schema, 'optional') && schema.default !== undefined) return whole(schema.wrapped);
  if (ofType<Inner>(schema, 'optional', 'nullable')) return { ...schema, wrapped: whole(schema.wrapped) };
  if (ofType<Any & { readonly options: readonly Any[] }>(schema, 'union', 'variant'))
    return { ...schema, options: schema.options.map(whole) };
  if (ofType<v.LazySchema<Any>>(schema, 'lazy')) return v.lazy((input) => whole(schema.getter(input)));
  return schema;
}

import type * as v from 'valibot';

/** Any schema. */
export type AnySchema = v.GenericSchema;

type ObjectNode = v.ObjectSchema<v.ObjectEntries, undefined>;
type ArrayNode = v.ArraySchema<AnySchema, undefined>;
type TableNode = v.RecordSchema<v.GenericSchema<string>, AnySchema, undefined>;
type WrappingNode = AnySchema & { readonly wrapped: AnySchema; readonly default?: unknown };
type VariantNode = AnySchema & { readonly key: string; readonly options: readonly AnySchema[] };
type PipeNode = v.SchemaWithPipe<[AnySchema, ...v.GenericPipeItem[]]>;

// How schemas are built, for code that derives one schema from another.

export function isObject(schema: AnySchema): schema is ObjectNode {
  return schema.type === 'object' || schema.type === 'strict_object';
}

export function isArray(schema: AnySchema): schema is ArrayNode {
  return schema.type === 'array';
}

export function isTable(schema: AnySchema): schema is TableNode {
  return schema.type === 'record';
}

/** Optional or nullable. */
export function isWrapping(schema: AnySchema): schema is WrappingNode {
  return schema.type === 'optional' || schema.type === 'nullable';
}

export function isVariant(schema: AnySchema): schema is VariantNode {
  return schema.type === 'variant';
}

export function isLazy(schema: AnySchema): schema is v.LazySchema<AnySchema> {
  return schema.type === 'lazy';
}

/** A schema followed by checks and transformations. */
export function isPipe(schema: AnySchema): schema is PipeNode {
  return 'pipe' in schema;
}

/** The schema without the checks and transformations behind it. */
export function rootOf(schema: AnySchema): AnySchema {
  return isPipe(schema) ? rootOf(schema.pipe[0]) : schema;
}

/** The same schema with other inner schemas, which it reads from its own members. */
export function withInner(schema: AnySchema, inner: object): AnySchema {
  return { ...schema, ...inner };
}

/** A function of schemas that is computed once per schema. */
export function perSchema<R extends object>(compute: (schema: AnySchema) => R): (schema: AnySchema) => R {
  const known = new WeakMap<AnySchema, R>();
  return (schema) => {
    const result = known.get(schema) ?? compute(schema);
    known.set(schema, result);
    return result;
  };
}

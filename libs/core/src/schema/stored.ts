import * as v from 'valibot';
import type { Schema } from './check.js';
import { storedFormOf } from './fields.js';
import {
  isArray,
  isLazy,
  isObject,
  isPipe,
  isTable,
  isVariant,
  isWrapping,
  perSchema,
  withInner,
  type AnySchema,
} from './schema-nodes.js';

/**
 * The schema of a value as it is stored: nothing is filled in, so a member that has a default must be present. Members that may be
 * absent from the store stay optional.
 */
export function stored<Out>(schema: Schema<Out>): Schema<Out> {
  return whole(schema) as Schema<Out>;
}

const whole: (schema: AnySchema) => AnySchema = perSchema((schema) => {
  const stores = storedFormOf(schema);
  if (stores !== undefined) return stores;
  if (isPipe(schema)) {
    const [root, ...rest] = schema.pipe;
    return v.pipe(whole(root), ...(rest.map((item) => (item.kind === 'schema' ? whole(item) : item)) as []));
  }
  if (isObject(schema)) {
    const entries = Object.entries(schema.entries).map(([name, entry]) => [name, whole(entry as AnySchema)]);
    return withInner(schema, { entries: Object.fromEntries(entries) });
  }
  if (isArray(schema)) return withInner(schema, { item: whole(schema.item) });
  if (isTable(schema)) return withInner(schema, { value: whole(schema.value) });
  if (isWrapping(schema)) {
    const hasDefault = schema.type === 'optional' && schema.default !== undefined;
    return hasDefault ? whole(schema.wrapped) : withInner(schema, { wrapped: whole(schema.wrapped) });
  }
  if (isVariant(schema)) return withInner(schema, { options: schema.options.map(whole) });
  if (isLazy(schema)) return v.lazy((input) => whole(schema.getter(input)));
  return schema;
});

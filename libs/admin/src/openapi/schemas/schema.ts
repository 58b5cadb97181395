/** A JSON Schema (2020-12), as OpenAPI 3.1 has it. */
export type Schema = Record<string, unknown>;

export const text: Schema = { type: 'string' };
export const whole: Schema = { type: 'integer' };
export const yes: Schema = { type: 'boolean' };
export const time: Schema = { type: 'string', format: 'date-time' };
export const texts: Schema = { type: 'array', items: text };

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** A list of something that has a name. */
export function list(name: string): Schema {
  return { type: 'array', items: { $ref: `#/components/schemas/${name}` } };
}

/** Every field is always there. */
export function object(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** Only these fields must be there. */
export function partly(properties: Readonly<Record<string, Schema>>, ...required: readonly string[]): Schema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

/** Every field is always there. `warnings` is there when the request named services or routes that are not registered. */
export function withWarnings(properties: Readonly<Record<string, Schema>>): Schema {
  const warnings: Schema = { ...texts, description: 'Unknown services and routes in the request, with suggestions.' };
  return { ...object(properties), properties: { ...properties, warnings } };
}

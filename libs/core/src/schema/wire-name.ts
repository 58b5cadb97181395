import type { GenericSchema } from 'valibot';

const WIRE_NAMES = new WeakMap<GenericSchema, string>();
const INTERNAL = new WeakSet<GenericSchema>();

/** A member whose wire name is not its name in snake_case. */
export function named<S extends GenericSchema>(name: string, schema: S): S {
  const copy = { ...schema };
  WIRE_NAMES.set(copy, name);
  return copy;
}

/** A member that is stored but not part of the wire form. */
export function internal<S extends GenericSchema>(schema: S): S {
  const copy = { ...schema };
  INTERNAL.add(copy);
  return copy;
}

/** The name given by {@link named}; `undefined` = the member's name in snake_case. */
export function wireNameOf(schema: GenericSchema): string | undefined {
  return WIRE_NAMES.get(schema);
}

export function isInternal(schema: GenericSchema): boolean {
  return INTERNAL.has(schema);
}

import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

const GARBAGE = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    '',
    '\0',
    '\ud800',
    '🔧'.repeat(200),
    '9'.repeat(400),
    -1,
    1e308,
    2 ** 53,
    [],
    {},
    { constructor: 1 },
  ),
);

/** Values that a schema describes, with something else in one place of twelve. @param schemas what `$ref` may name */
export function valuesOf(schema: Schema, schemas: Readonly<Record<string, Schema>>, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 11, arbitrary: described(schema, schemas, depth) }, { weight: 1, arbitrary: GARBAGE });
}

function described(schema: Schema, schemas: Readonly<Record<string, Schema>>, depth: number): fc.Arbitrary<unknown> {
  const inner = (part: unknown) => valuesOf((part ?? {}) as Schema, schemas, depth + 1);
  const { $ref, anyOf, type, enum: choices } = schema;
  if (depth > 6) return GARBAGE;
  if (typeof $ref === 'string') return described(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas, depth + 1);
  if (Array.isArray(choices)) return fc.constantFrom(...(choices as unknown[]));
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((part: Schema) => described(part, schemas, depth + 1)));
  if (Array.isArray(type)) return fc.oneof(...type.map((one: string) => described({ ...schema, type: one }, schemas, depth + 1)));
  switch (type) {
    case 'string':
      return fc.oneof(WORDS, fc.string({ maxLength: 20 }));
    case 'integer':
    case 'number':
      return fc.oneof(fc.constantFrom(0, 1, 50_000, 100_000, 1.5), fc.integer());
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(inner(schema['items']), { minLength: Number(schema['minItems'] ?? 0), maxLength: 4 });
    case 'object': {
      const fields = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
      const required = (schema['required'] ?? []) as string[];
      const parts = Object.fromEntries(fields.map(([name, part]) => [name, inner(part)]));
      const known = fc.record(parts, { requiredKeys: required.filter((name) => name in parts) });
      const more = schema['additionalProperties'];
      if (typeof more === 'object') return fc.dictionary(WORDS, inner(more), { maxKeys: 3 });
      return known;
    }
    default:
      return GARBAGE;
  }
}

/** Texts that mean something somewhere. */
const WORDS = fc.constantFrom(
  'on',
  'off',
  'f',
  's',
  'staff',
  'user',
  'GET:/payments',
  '/payments',
  'shop',
  '5/minute',
  '2h',
  '1d',
  '2098-01-01',
  '2099-01-01T00:00:00Z',
  '0 2 * * 1',
  '127.0.0.1',
  '10.0.0.0/8',
  '(a+)+$',
  '1.2.3',
);

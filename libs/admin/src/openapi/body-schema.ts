import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { FIELDS } from './fields.js';
import type { Schema } from './schemas/schema.js';

interface Rule {
  readonly name: string | undefined;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  readonly each?: boolean;
}

/** What a DTO class checks, as a JSON Schema: the document says what is enforced because both are read from the same decorators. */
export function bodySchema(Dto: Type<object>): Schema {
  const rules = rulesOf(Dto);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))].toSorted((a, b) => (a < b ? -1 : 1));
  const properties = Object.fromEntries(
    names.map((name) => [
      name,
      {
        ...propertySchema(rules.filter((rule) => rule.propertyName === name)),
        ...(FIELDS[`${Dto.name}.${name}`] ?? FIELDS[name]),
      },
    ]),
  );
  const optional = new Set(rules.filter(({ name }) => name === undefined).map(({ propertyName }) => propertyName));
  const required = names.filter((name) => !optional.has(name));
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

/** Rules of a class; what makes a field optional has no name. */
function rulesOf(Dto: Type<object>): readonly Rule[] {
  return getMetadataStorage()
    .getTargetValidationMetadatas(Dto, '', false, false)
    .map(({ name, type, propertyName, constraints, each }) => ({
      name: type === 'conditionalValidation' ? undefined : (name ?? type),
      propertyName,
      constraints: (constraints as readonly unknown[] | undefined) ?? [],
      each,
    }));
}

function propertySchema(rules: readonly Rule[]): Schema {
  const whole: Schema = {};
  const items: Schema = {};
  for (const rule of rules) Object.assign(rule.each === true ? items : whole, schemaOf(rule));
  return whole['type'] === 'array' && Object.keys(items).length > 0 ? { ...whole, items } : whole;
}

function schemaOf({ name, constraints = [] }: Rule): Schema {
  const [first, second] = constraints;
  switch (name) {
    case 'isString':
      return { type: 'string' };
    case 'isBoolean':
      return { type: 'boolean' };
    case 'isInt':
      return { type: 'integer' };
    case 'isArray':
      return { type: 'array' };
    case 'nestedValidation':
      return { type: 'object' };
    case 'isIn':
      return { type: 'string', enum: first };
    case 'isLength':
      return { minLength: first, maxLength: second };
    case 'maxLength':
      return { maxLength: first };
    case 'min':
      return { minimum: first };
    case 'max':
      return { maximum: first };
    case 'arrayMaxSize':
      return { maxItems: first };
    default:
      return {};
  }
}

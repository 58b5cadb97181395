import type { EvaluationContext } from '@waygate/client';
import type { Input } from '../command/input.js';
import { UsageFailure } from '../terminal/failure.js';

/** The evaluation context that `--key`, `--kind` and `--attr` describe. */
export function contextOf(input: Input): EvaluationContext {
  return { key: input.required('key'), kind: input.required('kind'), attributes: attributesOf(input) };
}

/** What `--attr` says, `name=text` or `name:=json`. @throws {UsageFailure} */
export function attributesOf(input: Input): Readonly<Record<string, unknown>> {
  const attributes: Record<string, unknown> = {};
  for (const text of input.list('attr')) {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageFailure(`option '--attr' takes name=value, not '${text}'`);
    const typed = text[equals - 1] === ':';
    const name = text.slice(0, typed ? equals - 1 : equals);
    attributes[name] = typed ? jsonOf(text.slice(equals + 1), text) : text.slice(equals + 1);
  }
  return attributes;
}

/** `a,b` as texts, or a JSON array with its types. @throws {UsageFailure} */
export function valuesOf(text: string): readonly unknown[] {
  if (text.trimStart().startsWith('[')) {
    const values = jsonOf(text, text);
    if (Array.isArray(values)) return values;
  }
  return text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

function jsonOf(text: string, whole: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageFailure(`'${whole}' holds no valid JSON`);
  }
}

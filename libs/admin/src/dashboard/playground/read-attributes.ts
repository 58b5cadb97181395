import type { ContextValue } from '@waygate/core';

/** Attributes of a context, one a line as `name = value`; numbers, `true`, `false` and JSON are taken for what they are. */
export function readAttributes(text: string): Readonly<Record<string, ContextValue>> {
  const attributes: [string, ContextValue][] = [];
  for (const line of text.split('\n')) {
    const equals = line.search(/[=:]/);
    if (equals > 0) attributes.push([line.slice(0, equals).trim(), valueOf(line.slice(equals + 1).trim())]);
  }
  return Object.fromEntries(attributes);
}

function valueOf(text: string): ContextValue {
  try {
    return JSON.parse(text) as ContextValue;
  } catch {
    return text;
  }
}

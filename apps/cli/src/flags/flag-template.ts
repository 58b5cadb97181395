import type { FlagInput, FlagType, FlagVariation } from '@waygate/client';

interface Template {
  readonly variations: readonly FlagVariation[];
  /** What everybody gets at first, on or off. */
  readonly off: string;
}

const TEMPLATES: Readonly<Record<FlagType, Template>> = {
  boolean: { variations: pair('on', true, 'off', false), off: 'off' },
  string: { variations: pair('control', 'control', 'treatment', 'treatment'), off: 'control' },
  integer: { variations: pair('off', 0, 'on', 1), off: 'off' },
  float: { variations: pair('off', 0, 'on', 1), off: 'off' },
  json: { variations: pair('off', {}, 'on', {}), off: 'off' },
};

/** A new flag of a type that gives everybody its off variation. */
export function flagTemplate(key: string, name: string, type: FlagType, description: string): FlagInput {
  const { variations, off } = TEMPLATES[type];
  return { key, name, type, description, variations, off_variation: off, fallthrough: off, enabled: true };
}

function pair(first: string, firstValue: unknown, second: string, secondValue: unknown): readonly FlagVariation[] {
  return [
    { name: first, value: firstValue },
    { name: second, value: secondValue },
  ];
}

import type { FeatureFlag, FlagType } from '@waygate/client';
import ts from 'typescript';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagTemplate } from './flag-template.js';
import { declarationFile } from './types.js';

const flag = (key: string, type: FlagType, more: Partial<FeatureFlag> = {}) =>
  ({ ...flagTemplate(key, 'Name', type, ''), status: 'active', ...more }) as FeatureFlag;

describe('The declarations of flags', () => {
  it('name each flag with the type of its values', () => {
    const flags = [
      flag('new-checkout', 'boolean', { description: 'for all' }),
      flag('theme', 'string', { variations: ['light', "it's", 'light'].map((value, index) => ({ name: `v${index}`, value })) }),
      flag('size', 'integer'),
      flag('ratio', 'float', { status: 'deprecated' }),
      flag('weights', 'json'),
    ];
    expect(declarationFile('@waygate/nestjs', flags))
      .toBe(`// Written by \`waygate flags types\`: run it again when flags come or go.
import '@waygate/nestjs';

declare module '@waygate/nestjs' {
  interface FlagTypes {
    /** Name: for all */
    'new-checkout': boolean;
    /** Name */
    'theme': 'light' | 'it\\'s';
    /** Name */
    'size': number;
    /** @deprecated Name */
    'ratio': number;
    /** Name */
    'weights': object;
  }
}
`);
  });

  it('are TypeScript whatever stands in names, descriptions and values', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        const nasty = flag('f', 'string', { name, description: `*/ ${value}`, variations: [{ name: 'v', value }] });
        const { diagnostics } = ts.transpileModule(declarationFile('@waygate/nestjs', [nasty]), { reportDiagnostics: true });
        expect(diagnostics).toEqual([]);
      }),
    );
  });
});

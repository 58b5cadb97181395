import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readValues, writeValues } from './clause-values.js';

describe('values of clauses', () => {
  it.each([
    ['DE, AT', 'in', ['DE', 'AT']],
    ['5, true, 1.5', 'is', [5, true, 1.5]],
    ['"5", "a, b"', 'is', ['5', 'a, b']],
    ['1.2.3', 'semver_gt', ['1.2.3']],
    ['5', 'starts_with', ['5']],
    [' , ', 'is', []],
  ] as const)('reads %s of %s', (text, operator, values) => {
    expect(readValues(text, operator)).toEqual(values);
  });

  it('reads what it wrote', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1 }), (values) => {
        expect(readValues(writeValues(values, 'is'), 'is')).toEqual(values);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { percent, readTargeting, readVariations } from './flag-draft.js';

const BEFORE = {
  rules: [
    {
      id: 'r1',
      description: '',
      clauses: [],
      variation: 'on',
      rollout: null,
      bucketing: { bucketBy: 'org', salt: null },
      trackEvents: true,
    },
  ],
  fallthrough: 'off',
};
const form = (...fields: readonly (readonly [string, string])[]) =>
  new URLSearchParams(fields.map(([name, value]) => [name, value]));

describe('the targeting form', () => {
  it('is read in the order of its fields', () => {
    const fields = form(
      ['target', 'on'],
      ['target_keys', 'alice, bob\ncarol'],
      ['rule', 'r1'],
      ['rule_description', 'first'],
      ['clause', '1'],
      ['clause_attribute', 'plan'],
      ['clause_operator', 'in'],
      ['clause_values', 'pro, team'],
      ['clause_negate', ''],
      ['clause', '1'],
      ['clause_attribute', 'age'],
      ['clause_operator', 'gt'],
      ['clause_values', '18'],
      ['clause_negate', 'not'],
      ['serve', '%'],
      ['share', 'on'],
      ['share_percent', '12.5'],
      ['share', 'off'],
      ['share_percent', '87.5'],
      ['rule', ''],
      ['serve', ''],
      ['fallthrough', '1'],
      ['serve', 'on'],
      ['off', 'off'],
    );
    expect(readTargeting(fields, BEFORE)).toEqual({
      targets: { on: ['alice', 'bob', 'carol'] },
      rules: [
        {
          id: 'r1',
          bucketing: { bucketBy: 'org', salt: null },
          trackEvents: true,
          description: 'first',
          clauses: [
            { attribute: 'plan', operator: 'in', values: ['pro', 'team'], negate: false },
            { attribute: 'age', operator: 'gt', values: [18], negate: true },
          ],
          variation: null,
          rollout: [
            { variation: 'on', weight: 12_500 },
            { variation: 'off', weight: 87_500 },
          ],
        },
        { description: '', clauses: [], variation: null, rollout: [] },
      ],
      fallthrough: 'on',
      offVariation: 'off',
    });
  });

  it('reads values by the type of the flag and names the variation that is none', () => {
    const fields = form(['variation', 'large'], ['variation_value', '{"mb": 200}'], ['variation', ''], ['variation_value', '']);
    expect(readVariations(fields, 'json')).toEqual([{ name: 'large', value: { mb: 200 }, description: '' }]);
    expect(() => readVariations(form(['variation', 'x'], ['variation_value', 'yes']), 'boolean')).toThrow(/variation 'x'/);
  });

  it('shows weights as percent', () => {
    expect([percent(100_000), percent(12_500), percent(1)]).toEqual(['100', '12.5', '0.001']);
  });
});

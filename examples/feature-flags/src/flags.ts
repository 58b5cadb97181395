import type { FlagInput, SegmentInput } from '@waygate/nestjs';

export const SEGMENTS: readonly SegmentInput[] = [
  {
    key: 'beta',
    included: ['alice', 'bob'],
    excluded: ['mallory'],
    rules: [{ clauses: [{ attribute: 'email', operator: 'ends_with', values: ['@example.com'] }] }],
  },
];

const ON_OFF: Pick<FlagInput, 'type' | 'variations' | 'offVariation'> = {
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
};

export const FLAGS: readonly FlagInput[] = [
  // On for who is in the segment, and for a tenth of all others.
  {
    ...ON_OFF,
    key: 'new-checkout',
    rules: [{ id: 'beta', clauses: [{ operator: 'in_segment', values: ['beta'] }], variation: 'on' }],
    fallthrough: [
      { variation: 'on', weight: 10_000 },
      { variation: 'off', weight: 90_000 },
    ],
  },
  // Only for who has the new checkout.
  {
    ...ON_OFF,
    key: 'one-click',
    prerequisites: [{ flagKey: 'new-checkout', variation: 'on' }],
    fallthrough: 'on',
  },
  {
    key: 'theme',
    type: 'string',
    variations: [
      { name: 'plain', value: 'light' },
      { name: 'night', value: 'dark' },
    ],
    offVariation: 'plain',
    fallthrough: 'plain',
    targets: { night: ['carol'] },
  },
  {
    key: 'page-size',
    type: 'integer',
    variations: [
      { name: 'small', value: 20 },
      { name: 'large', value: 100 },
    ],
    offVariation: 'small',
    rules: [{ id: 'pro', clauses: [{ attribute: 'plan', operator: 'is', values: ['pro'] }], variation: 'large' }],
    fallthrough: 'small',
  },
  {
    key: 'discount',
    type: 'float',
    variations: [
      { name: 'none', value: 0 },
      { name: 'spring', value: 0.15 },
    ],
    offVariation: 'none',
    fallthrough: 'spring',
  },
  {
    key: 'banner',
    type: 'json',
    variations: [
      { name: 'hidden', value: { visible: false } },
      { name: 'sale', value: { visible: true, text: 'Spring sale' } },
    ],
    offVariation: 'hidden',
    fallthrough: 'sale',
  },
];

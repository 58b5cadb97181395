import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { WaygateEngine, type FlagInput, type SegmentInput } from '@waygate/nestjs';

const STAFF: SegmentInput = {
  key: 'staff',
  name: 'People who work here',
  description: 'They get new things first',
  included: ['ann', 'bob'],
  rules: [
    { description: 'Our own addresses', clauses: [{ attribute: 'email', operator: 'ends_with', values: ['@example.com'] }] },
  ],
};

const NEW_CHECKOUT: FlagInput = {
  key: 'new-checkout',
  name: 'The new checkout',
  description: 'For staff, and for a quarter of everybody else',
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
  tags: ['checkout', 'web'],
  rules: [
    { id: 'staff', description: 'Staff first', clauses: [{ operator: 'in_segment', values: ['staff'] }], variation: 'on' },
    {
      id: 'premium',
      description: 'Half of the German and Austrian premium users',
      clauses: [
        { attribute: 'plan', operator: 'is', values: ['premium'] },
        { attribute: 'country', operator: 'in', values: ['DE', 'AT'] },
      ],
      rollout: [
        { variation: 'on', weight: 50_000 },
        { variation: 'off', weight: 50_000 },
      ],
    },
  ],
  fallthrough: [
    { variation: 'on', weight: 25_000 },
    { variation: 'off', weight: 75_000 },
  ],
  clientVisible: true,
};

const BETA: FlagInput = {
  key: 'beta-report',
  name: 'The report, for staff only',
  type: 'boolean',
  variations: [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ],
  offVariation: 'off',
  rules: [{ id: 'staff', clauses: [{ operator: 'in_segment', values: ['staff'] }], variation: 'on' }],
  fallthrough: 'off',
};

const SEARCH: FlagInput = {
  key: 'search-ranking',
  name: 'Search ranking',
  type: 'string',
  tags: ['search'],
  variations: [
    { name: 'classic', value: 'bm25' },
    { name: 'hybrid', value: 'bm25+vectors' },
    { name: 'vectors', value: 'vectors' },
  ],
  offVariation: 'classic',
  fallthrough: [
    { variation: 'classic', weight: 60_000 },
    { variation: 'hybrid', weight: 30_000 },
    { variation: 'vectors', weight: 10_000 },
  ],
  prerequisites: [{ flagKey: 'new-checkout', variation: 'on' }],
};

const UPLOAD: FlagInput = {
  key: 'max-upload-mb',
  name: 'Largest upload',
  type: 'integer',
  temporary: false,
  variations: [
    { name: 'standard', value: 20 },
    { name: 'large', value: 200 },
  ],
  offVariation: 'standard',
  fallthrough: 'standard',
};

/** Defines the demo's flags where they are not there yet: what an operator made of them stays. */
@Injectable()
export class DemoFlags implements OnApplicationBootstrap {
  constructor(private readonly waygate: WaygateEngine) {}

  async onApplicationBootstrap(): Promise<void> {
    const { flags, segments, sync } = this.waygate;
    if (!sync.segments.list().some(({ key }) => key === STAFF.key)) await segments.create(STAFF, { actor: 'demo' });
    for (const flag of [NEW_CHECKOUT, BETA, SEARCH, UPLOAD])
      if (!sync.flags.list().some(({ key }) => key === flag.key)) await flags.create(flag, { actor: 'demo' });
  }
}

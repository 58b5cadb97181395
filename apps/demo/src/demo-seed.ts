import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { WaygateEngine } from '@waygate/nestjs';

const AUTHOR = { actor: 'demo', reason: 'Made for the demo' } as const;

/** Flags and segments, so that the dashboard has something to show. */
@Injectable()
export class DemoSeed implements OnApplicationBootstrap {
  constructor(private readonly waygate: WaygateEngine) {}

  async onApplicationBootstrap(): Promise<void> {
    const { flags, segments } = this.waygate;
    if (flags.readAll().length > 0) return;
    await segments.create(
      {
        key: 'beta-testers',
        name: 'Beta testers',
        description: 'People who asked for new things first',
        included: ['alice', 'bob', 'carol'],
        rules: [
          { description: 'Our own people', clauses: [{ attribute: 'email', operator: 'ends_with', values: ['@example.com'] }] },
        ],
      },
      AUTHOR,
    );
    await flags.create(
      {
        key: 'new-checkout',
        name: 'New checkout',
        description: 'One page instead of four',
        type: 'boolean',
        tags: ['checkout', 'web'],
        variations: [
          { name: 'on', value: true },
          { name: 'off', value: false },
        ],
        offVariation: 'off',
        fallthrough: [
          { variation: 'on', weight: 25_000 },
          { variation: 'off', weight: 75_000 },
        ],
        rules: [
          {
            description: 'Beta testers first',
            clauses: [{ operator: 'in_segment', values: ['beta-testers'] }],
            variation: 'on',
          },
          {
            description: 'Half of the German premium users',
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
      },
      AUTHOR,
    );
    await flags.create(
      {
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
      },
      AUTHOR,
    );
    await flags.create(
      {
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
      },
      AUTHOR,
    );
  }
}

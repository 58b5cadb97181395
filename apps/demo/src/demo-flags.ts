import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { WaygateEngine, type FlagInput, type SegmentInput } from '@waygate/nestjs';

const STAFF: SegmentInput = { key: 'staff', name: 'People who work here', included: ['ann', 'bob'] };

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
  rules: [{ id: 'staff', clauses: [{ operator: 'in_segment', values: ['staff'] }], variation: 'on' }],
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

/** Defines the demo's flags where they are not there yet: what an operator made of them stays. */
@Injectable()
export class DemoFlags implements OnApplicationBootstrap {
  constructor(private readonly waygate: WaygateEngine) {}

  async onApplicationBootstrap(): Promise<void> {
    const { flags, segments, sync } = this.waygate;
    if (!sync.segments.list().some(({ key }) => key === STAFF.key)) await segments.create(STAFF, { actor: 'demo' });
    for (const flag of [NEW_CHECKOUT, BETA])
      if (!sync.flags.list().some(({ key }) => key === flag.key)) await flags.create(flag, { actor: 'demo' });
  }
}

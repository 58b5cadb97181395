import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declared, maintenance, override, time } from '../../../../test/support/lifecycle-arbitrary.js';
import { ACTIVE_ROUTE } from '../schema/route.js';
import { NO_MAINTENANCE } from '../schema/maintenance.js';
import { CompiledMaintenance } from './compiled-maintenance.js';
import { decide, effectiveState, type MaintenanceOver } from './effective-state.js';
import { RouteHandle } from './route-handle.js';

const ENVIRONMENT = 'prod';
const NOTHING_OVER: MaintenanceOver = { global: null, service: null };

const situation = fc.record({ declared, override, global: fc.option(maintenance), service: fc.option(maintenance), now: time });
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

function setUp({ declared: code, override: set, global, service }: Situation): { route: RouteHandle; over: MaintenanceOver } {
  const route = new RouteHandle('shop:GET:/a', code, ENVIRONMENT);
  route.update(code, set);
  const over = {
    global: CompiledMaintenance.from(global ?? undefined, 'global'),
    service: CompiledMaintenance.from(service ?? undefined, 'service'),
  };
  return { route, over };
}

describe('effectiveState', () => {
  it('is blocked by the check that the decision names, and open exactly when the decision allows', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { route, over } = setUp(given);
        const { status, blockedBy, reason, until } = effectiveState(route, over, given.now);
        const decision = decide(route, over, () => given.now);
        if (decision.outcome === 'allow') {
          expect(blockedBy).toBeNull();
          return;
        }
        const scope = decision.kind === 'maintenance' ? decision.scope : decision.kind === 'disabled' ? 'route' : 'environment';
        expect({ blockedBy, status, reason }).toEqual({ blockedBy: scope, status: decision.kind, reason: decision.reason });
        if (decision.kind === 'maintenance') expect(until === null ? null : Date.parse(until)).toBe(decision.endsAt);
      }),
    );
  });

  it('changes at the instant it names next, and not before', () => {
    fc.assert(
      fc.property(situation, time, (given, later) => {
        const { route, over } = setUp(given);
        const { next, status, blockedBy, reason } = effectiveState(route, over, given.now);
        const at = next === null ? Infinity : Date.parse(next.at);
        if (next !== null) {
          expect(at).toBeGreaterThan(given.now);
          const { status: s, blockedBy: b, reason: r } = effectiveState(route, over, at);
          expect({ s, b, r }).toEqual({ s: next.status, b: next.blockedBy, r: next.reason });
          expect({ s, b, r }).not.toEqual({ s: status, b: blockedBy, r: reason });
        }
        if (later >= given.now && later < at)
          expect(effectiveState(route, over, later)).toMatchObject({ status, blockedBy, reason });
      }),
    );
  });

  it('began before now and ends after now', () => {
    fc.assert(
      fc.property(situation, (given) => {
        const { route, over } = setUp(given);
        const { since, until } = effectiveState(route, over, given.now);
        if (until !== null) expect(Date.parse(until)).toBeGreaterThan(given.now);
        if (since !== null && given.override === null && given.global?.setAt === null && given.service?.setAt === null)
          expect(Date.parse(since)).toBeLessThanOrEqual(given.now);
      }),
    );
  });

  it('names global maintenance, since when, until when, and who switched it on', () => {
    const route = new RouteHandle('GET:/a', ACTIVE_ROUTE, ENVIRONMENT);
    const window = { start: new Date(1_000).toISOString(), end: new Date(5_000).toISOString() };
    const setAt = new Date(500).toISOString();
    const record = { ...NO_MAINTENANCE, enabled: true, reason: 'upgrade', window, setAt, setBy: 'alice' };
    const over = { global: CompiledMaintenance.from(record, 'global'), service: null };
    expect(effectiveState(route, over, 2_000)).toEqual({
      key: 'GET:/a',
      status: 'maintenance',
      blockedBy: 'global',
      reason: 'upgrade',
      since: window.start,
      until: window.end,
      source: 'override',
      setBy: 'alice',
      next: { at: window.end, status: 'active', blockedBy: null, reason: '' },
    });
  });

  it('says that a gated handler answers in this environment, and that it is blocked in another', () => {
    const gated = { ...ACTIVE_ROUTE, environments: ['prod'] };
    const here = effectiveState(new RouteHandle('GET:/a', gated, 'prod'), NOTHING_OVER, 0);
    const elsewhere = effectiveState(new RouteHandle('GET:/a', gated, 'dev'), NOTHING_OVER, 0);
    expect(here).toMatchObject({ status: 'env_gated', blockedBy: null });
    expect(elsewhere).toMatchObject({ status: 'env_gated', blockedBy: 'environment' });
  });
});

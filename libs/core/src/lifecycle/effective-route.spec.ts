import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declared, override, time } from '../../../../test/support/lifecycle-arbitrary.js';
import type { TimeWindow } from '../model/time.js';
import { ACTIVE_ROUTE, type DeclaredRoute, type RouteOverride } from '../schema/route.js';
import { effectiveRoute } from './effective-route.js';
import { decisionFor, RouteHandle } from './route-handle.js';

describe('effectiveRoute', () => {
  it('is a pure function of record and clock', () => {
    fc.assert(
      fc.property(declared, override, time, (d, o, now) => {
        const before = structuredClone({ d, o });
        expect(effectiveRoute({ declared: d, override: o }, now)).toEqual(effectiveRoute({ declared: d, override: o }, now));
        expect({ d, o }).toEqual(before);
      }),
    );
  });

  it('stays the same within the span it names, and the span holds the present', () => {
    fc.assert(
      fc.property(declared, override, time, time, (d, o, now, other) => {
        const { holdsFrom, holdsUntil, ...result } = effectiveRoute({ declared: d, override: o }, now);
        expect(holdsFrom).toBeLessThanOrEqual(now);
        expect(holdsUntil).toBeGreaterThan(now);
        if (other < holdsFrom || other >= holdsUntil) return;
        const { holdsFrom: _from, holdsUntil: _until, ...there } = effectiveRoute({ declared: d, override: o }, other);
        expect(there).toEqual(result);
      }),
    );
  });

  it('puts the topmost open override above what is declared, and nothing above force-active', () => {
    fc.assert(
      fc.property(declared, override, time, (d, o, now) => {
        const { state, source } = effectiveRoute({ declared: d, override: o }, now);
        let top = o;
        const isOpen = (w: TimeWindow | null) =>
          w === null || ((w.start === null || Date.parse(w.start) <= now) && (w.end === null || now < Date.parse(w.end)));
        while (top !== null && !isOpen(top.window)) top = top.beneath;
        if (d.forceActive || top === null) expect(source).toBe('declared');
        else expect({ state, source }).toEqual({ state: top.state, source: 'override' });
      }),
    );
  });
});

describe('RouteHandle', () => {
  it('always decides as a fresh evaluation would, whatever the clock does and whatever changes in between', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('clock' as const), now: time }),
      fc.record({ kind: fc.constant('update' as const), declared, override }),
    );
    fc.assert(
      fc.property(declared, fc.array(step, { minLength: 1, maxLength: 30 }), (first, steps) => {
        let now = 0;
        let [d, o]: [DeclaredRoute, RouteOverride | null] = [first, null];
        const handle = new RouteHandle('GET:/x', d, 'prod');
        for (const next of steps) {
          if (next.kind === 'clock') now = next.now;
          else {
            [d, o] = [next.declared, next.override];
            handle.update(d, o);
          }
          expect(handle.decide(() => now)).toEqual(decisionFor(effectiveRoute({ declared: d, override: o }, now), 'prod'));
        }
      }),
    );
  });

  it('does not read the clock for a route without windows', () => {
    const handle = new RouteHandle('GET:/x', { ...ACTIVE_ROUTE, state: 'disabled' }, 'dev');
    let reads = 0;
    const clock = () => ++reads;
    for (let i = 0; i < 10; i++) handle.decide(clock);
    expect(reads).toBe(1);
  });
});

describe('decisionFor', () => {
  it('hides a gated route before it says that it is in maintenance', () => {
    const route: DeclaredRoute = { ...ACTIVE_ROUTE, state: 'maintenance', environments: ['dev'] };
    const inProd = decisionFor(effectiveRoute({ declared: route, override: null }, 0), 'prod');
    const inDev = decisionFor(effectiveRoute({ declared: route, override: null }, 0), 'dev');
    expect(inProd).toMatchObject({ outcome: 'block', kind: 'env_gated' });
    expect(inDev).toMatchObject({ outcome: 'block', kind: 'maintenance', scope: 'route' });
  });

  it('keeps a declared gate under an override that takes the route down, and lifts it under one that opens it', () => {
    const route: DeclaredRoute = { ...ACTIVE_ROUTE, environments: ['dev'] };
    const under = (state: 'active' | 'disabled') => {
      const at = { setAt: '2026-01-01T00:00:00.000Z', setBy: 'alice' };
      const set: RouteOverride = { state, reason: '', environments: null, window: null, beneath: null, ...at };
      return decisionFor(effectiveRoute({ declared: route, override: set }, 0), 'prod');
    };
    expect(under('disabled')).toMatchObject({ kind: 'env_gated' });
    expect(under('active')).toMatchObject({ outcome: 'allow' });
  });
});

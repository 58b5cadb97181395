import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PersistentMap } from './persistent-map.js';

it('behaves as a Map does, and never changes an older version', () => {
  const key = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor', ''), fc.string({ maxLength: 3 }));
  const change = fc.tuple(key, fc.option(fc.integer(), { nil: undefined }));
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 }), (steps) => {
      let map = PersistentMap.empty<number>();
      const model = new Map<string, number>();
      const versions: [PersistentMap<number>, Map<string, number>][] = [[map, new Map()]];
      for (const changes of steps) {
        map = map.with(changes);
        for (const [k, v] of changes) {
          if (v === undefined) model.delete(k);
          else model.set(k, v);
        }
        versions.push([map, new Map(model)]);
      }
      for (const [version, expected] of versions) {
        expect(version.size).toBe(expected.size);
        expect(sorted(version.values())).toEqual(sorted(expected.values()));
        for (const [k, v] of expected) expect(version.get(k)).toBe(v);
      }
    }),
  );
});

it('shares with its original all buckets that did not change', () => {
  const entries = Array.from({ length: 50_000 }, (_, i) => [`key-${i}`, { i }] as const);
  const before = PersistentMap.empty<{ i: number }>().with(entries);
  const after = before.with([['key-7', { i: -1 }]]);
  expect(after.get('key-7')).toEqual({ i: -1 });
  expect(before.get('key-7')).toEqual({ i: 7 });
  expect(after.get('key-8')).toBe(before.get('key-8'));
});

function sorted(values: Iterable<number>): number[] {
  return [...values].toSorted((a, b) => a - b);
}

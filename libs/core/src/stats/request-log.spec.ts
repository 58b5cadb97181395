import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestLog, type Sender } from './request-log.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const from = (ip: string | null, more: Partial<Sender> = {}): Sender => ({ ip, knownUser: null, apiKey: null, ...more });
const all = () => true;

function logAt(start: number, capacity?: number) {
  const clock = { now: start };
  const log = new RequestLog(() => clock.now, capacity);
  return { clock, log };
}

describe('the log of requests', () => {
  it('gives what came within the hour, oldest first, for the routes that are wanted', () => {
    const { clock, log } = logAt(HOUR);
    log.add('GET:/b', HOUR + 2, from('192.0.2.1', { knownUser: 'alice' }));
    log.add('GET:/a', HOUR + 1, from(null));
    clock.now = HOUR + 10;
    expect(log.sample(all)).toEqual({
      factor: 1,
      since: HOUR,
      requests: [
        { at: HOUR + 1, route: 'GET:/a', ip: null, user: null, apiKey: null },
        { at: HOUR + 2, route: 'GET:/b', ip: '192.0.2.1', user: 'alice', apiKey: null },
      ],
    });
    expect(log.sample((route) => route === 'GET:/a').requests).toHaveLength(1);
    clock.now = 2 * HOUR + 1;
    expect(log.sample(all)).toMatchObject({ since: HOUR + 1, requests: [{ route: 'GET:/b' }] });
  });

  it('keeps a fingerprint of an API key: the same for the same, never the key', () => {
    const { log } = logAt(0);
    for (const apiKey of ['secret-one', 'secret-two', 'secret-one']) log.add('GET:/a', 1, from('192.0.2.1', { apiKey }));
    const [one, two, again] = log.sample(all).requests.map(({ apiKey }) => apiKey);
    expect(one).toBe(again);
    expect(one).not.toBe(two);
    expect(JSON.stringify(log.sample(all))).not.toContain('secret');
  });

  it('looks at who sent a request only where it records it', () => {
    const { log } = logAt(0, 512);
    for (let i = 0; i < 4_000; i++) log.add('GET:/a', 1, from(`10.0.${i >> 8}.${i & 255}`));
    let asked = 0;
    for (let i = 0; i < 200; i++) {
      log.add('GET:/a', 2, {
        ip: `10.1.0.${i}`,
        get knownUser() {
          asked++;
          return null;
        },
        apiKey: null,
      });
    }
    expect(asked).toBeLessThan(100);
  });

  it('never holds more than its capacity, and keeps all of an address or nothing of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 200 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 8 }),
        (capacity, addresses, times) => {
          const { clock, log } = logAt(0, capacity);
          for (let i = 0; i < times; i++)
            for (let k = 0; k < addresses; k++) {
              clock.now++;
              log.add('GET:/a', clock.now, from(`10.0.0.${k}`, { knownUser: `user-${i}-${k}` }));
            }
          const { requests, factor, since } = log.sample(all);
          expect(requests.length).toBeLessThanOrEqual(capacity);
          const counts = new Map<string | null, number>();
          for (const { ip } of requests) counts.set(ip, (counts.get(ip) ?? 0) + 1);
          // Where few addresses alone are too much, the oldest go, and it is said since when there are all.
          if (since <= 0) for (const count of counts.values()) expect(count).toBe(times);
          if (addresses * times <= capacity / 4) expect(factor).toBe(1);
        },
      ),
    );
  });

  it('forgets the oldest rather than an address where addresses are few', () => {
    const { clock, log } = logAt(0, 100);
    for (let i = 1; i <= 1_000; i++) {
      clock.now = i;
      log.add('GET:/a', i, from(`192.0.2.${i % 3}`));
    }
    const { requests, factor, since } = log.sample(all);
    expect(factor).toBe(1);
    expect(requests.map(({ at }) => at)).toEqual(Array.from({ length: 1_000 - since }, (_, i) => since + 1 + i));
    expect(requests.length).toBeGreaterThanOrEqual(50);
  });

  it('estimates how much came from what it kept', () => {
    const { log } = logAt(0, 4_096);
    for (let i = 0; i < 50_000; i++) log.add('GET:/a', i, from(`10.${i % 7}.${(i >> 4) & 255}.${i & 255}`));
    const { requests, factor } = log.sample(all);
    expect(factor).toBeGreaterThan(1);
    expect((requests.length * factor) / 50_000).toBeGreaterThan(0.8);
    expect((requests.length * factor) / 50_000).toBeLessThan(1.2);
  });

  it('records every address again when little comes, and leaves out what it did not know all the hour', () => {
    const { clock, log } = logAt(0, 256);
    for (let i = 0; i < 4_000; i++) log.add('GET:/a', 1, from(`10.0.${i >> 8}.${i & 255}`));
    const crowded = log.sample(all).factor;
    expect(crowded).toBeGreaterThan(1);
    for (let minute = 1; minute <= 90; minute++) {
      clock.now = minute * MINUTE;
      log.add('GET:/a', clock.now, from('192.0.2.7'));
      if (minute < 59) expect(log.sample(all).factor).toBe(crowded);
    }
    clock.now = 200 * MINUTE;
    for (let i = 0; i < 10; i++) log.add('GET:/a', clock.now, from(`192.0.2.${i}`));
    expect(log.sample(all)).toMatchObject({ factor: 1 });
    expect(log.sample(all).requests).toHaveLength(10);
  });
});

import { MemoryBackend, WaygateEngine } from '@waygate/core';
import { describe, expect, it } from 'vitest';
import { Activity } from './activity.js';

const MINUTE = 60_000;
const DISABLED = { outcome: 'block', kind: 'disabled', reason: '' } as const;

describe('activity', () => {
  it('counts requests and refusals by the minute, and forgets them after an hour', () => {
    let now = 1_000 * MINUTE;
    const engine = new WaygateEngine({ backend: new MemoryBackend(), clock: () => now });
    engine.stats.start();
    const activity = new Activity(engine);
    activity.onModuleInit();
    for (let i = 0; i < 7; i++) engine.stats.of('GET:/a').answered(200, 1);
    for (let i = 0; i < 3; i++) engine.events.emit('blocked', { route: 'GET:/a', block: DISABLED });
    engine.events.emit('blocked', { route: 'GET:/a', block: DISABLED, shadow: true });
    expect(activity.minutes()).toHaveLength(60);
    expect(activity.minutes().at(-1)).toEqual({ at: now, requests: 7, blocked: 3, limited: 0 });
    expect(activity.minutes((route) => route === 'GET:/b').at(-1)).toMatchObject({ requests: 0, blocked: 0 });
    now += 59 * MINUTE;
    expect(activity.minutes()[0]).toMatchObject({ requests: 7, blocked: 3 });
    expect(activity.refusedByRoute()).toEqual(new Map([['GET:/a', 3]]));
    now += MINUTE;
    expect(activity.minutes().every(({ blocked, requests }) => blocked === 0 && requests === 0)).toBe(true);
    expect(activity.refusedByRoute()).toEqual(new Map());
    activity.onModuleDestroy();
  });
});

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../model/errors.js';
import { eventMatches, readEvents } from './event-filter.js';

describe('the event filter', () => {
  it.each([
    [[], 'disable', true],
    [[], 'flag_updated', true],
    [[], 'revert', true],
    [[], 'window_opened', true],
    [[], 'declare', false],
    [[], 'webhook_created', false],
    [[], 'token_revoked', false],
    [['disable'], 'disable', true],
    [['disable'], 'enable', false],
    [['flag_*'], 'flag_updated', true],
    [['flag_*'], 'segment_updated', false],
    [['flag_*', 'segment_*'], 'segment_updated', true],
    [['webhook_*'], 'webhook_disabled', true],
    [['*'], 'declare', true],
    [['flag'], 'flag_updated', false],
  ])('%j lets %s through: %s', (events, name, expected) => {
    expect(eventMatches(events, name)).toBe(expected);
  });

  it.each([[['']], [['Flag']], [['*flag']], [['a*b']], [[1]], ['enable'], [Array.from({ length: 101 }, () => 'enable')]])(
    'refuses %j',
    (events) => {
      expect(() => readEvents(events as never)).toThrow(ValidationError);
    },
  );

  it('names an event once', () => {
    expect(readEvents(['enable', 'flag_*', 'enable'])).toEqual(['enable', 'flag_*']);
  });
});

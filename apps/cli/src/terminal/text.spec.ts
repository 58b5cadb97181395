import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tableLines } from './table.js';
import { displayWidth, harmless, wrap } from './text.js';

describe('text of a terminal', () => {
  it.each([
    ['plain', 'plain'],
    ['two\nlines\tand tab', 'two lines and tab'],
    ['\u001B[31mred\u001B[0m', 'red'],
    ['\u001B]0;title\u0007after', 'after'],
    ['\u009B2Jcleared', 'cleared'],
    ['a\u202Eb\u2066c', 'abc'],
    ['back\b\rspace', 'backspace'],
    ['ünï 🚦 日本', 'ünï 🚦 日本'],
  ])('%j becomes %j', (text, clean) => {
    expect(harmless(text)).toBe(clean);
  });

  it('never lets a control code through', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Bidi_Control}]/u.test(harmless(text))));
  });

  it.each([
    ['abc', 3],
    ['日本', 4],
    ['🚦', 2],
    ['e\u0301', 1],
  ])('%s takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('wraps without losing a letter and without a line too wide', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zä日 ]{0,60}$/), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('makes a list of each row where the terminal is too narrow for a table', () => {
    const columns = [{ title: 'Route' }, { title: 'Status' }, { title: 'Reason', flexible: true }];
    expect(tableLines(columns, [['GET:/payments', 'DISABLED', 'moved to another place']], 25, false)).toEqual([
      'Route   GET:/payments',
      'Status  DISABLED',
      'Reason  moved to another',
      '        place',
      '',
    ]);
  });

  it('lays a table out, the flexible column giving way first', () => {
    const columns = [{ title: 'Route' }, { title: 'Reason', flexible: true }];
    expect(tableLines(columns, [['GET:/payments', 'moved to another place']], 30, false)).toEqual([
      'Route          Reason',
      '─────────────  ───────────────',
      'GET:/payments  moved to',
      '               another place',
    ]);
  });
});

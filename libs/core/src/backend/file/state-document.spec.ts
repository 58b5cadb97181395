import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StoredRecord } from '../../schema/record.js';
import { readState, writeState } from './state-document.js';
import { TextProblem, type StateFormat } from './state-format.js';
import { formatFor } from './format-for.js';

const FORMATS = ['json', 'yaml', 'toml'];

describe.each(FORMATS)('.%s', (extension) => {
  let format: StateFormat;
  beforeAll(async () => {
    format = formatFor(`state.${extension}`)();
  });

  it('gives back every document as it was written', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
      fc.constantFrom(
        '__proto__',
        'constructor',
        '<<',
        'null',
        'nan',
        '- a',
        '# b',
        'a: b',
        ' ',
        '"',
        "'",
        '1',
        'yes',
        '---',
        '\n',
        '~',
        '!x',
      ),
    );
    const value = fc.dictionary(key, fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), key));
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), (values) => {
        // JSON knows no -0, and no half of a surrogate pair comes this far.
        const given = JSON.parse(JSON.stringify(values)) as typeof values;
        fc.pre(!/\p{Surrogate}/u.test(texts(given)));
        const recordedUntil = '2026-01-01T00:00:00.000Z';
        const records = Object.entries(given).map(
          ([name, content]) =>
            ({ kind: 'edge', key: name, revision: 3, value: { recordedUntil, content } }) as never as StoredRecord,
        );
        const text = writeState({ revision: 7, records }, format, (record) => format.fragment(record));
        const { revision, records: back } = readState(text, format);
        expect(revision).toBe(7);
        const contents = (back as unknown as { key: string; value: { content: unknown } }[]).map((record) => [
          record.key,
          record.value.content,
        ]);
        expect(Object.fromEntries(contents)).toEqual(given);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    );
  });
});

function texts(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, member]) => name + texts(member))
        .join()
    : '';
}

describe('a document that is wrong', () => {
  const json = (...lines: string[]) => lines.join('\n');
  const wrong: [string, string, string, string][] = [
    ['json', json('{', '  "format": 1,', '  "revision": 0,', '}'), '3:16', "there is a comma too many before '}'"],
    ['json', json('{', '  "format": 1', '  "revision": 0', '}'), '2:14', "a comma or '}' is missing"],
    ['json', json('{', '  "format": 1,', '  "format": 1', '}'), '3:3', 'the member "format" is there twice'],
    ['json', json('{', "  'format': 1"), '2:3', 'the name of a member, in double quotes, is missing'],
    ['json', json('{ "format": yes }'), '1:13', 'a value is missing'],
    ['json', json('{ "format": "1', '" }'), '1:13', 'a string does not end on its line'],
    ['json', json('{} x'), '1:4', 'there is more text after the end of the document'],
    ['json', '['.repeat(10_000), '1:201', 'is nested too deeply'],
    ['json', '[]', '1:1', 'the file must hold format, revision, records'],
    ['json', '{ "format": 2 }', '1:3', 'format must be 1, the only one this version of Waygate reads'],
    ['json', '{ "format": 1, "rev": 2 }', '1:16', 'rev is unknown; known are format, revision, records'],
    ['json', '{ "format": 1, "revision": "2" }', '1:16', 'revision must be a whole number of at least 0'],
    ['json', '{ "format": 1, "revision": 2 }', '1:1', 'records must hold records by kind'],
    [
      'json',
      '{ "format": 1, "revision": 2,\n"records": { "flags": {} } }',
      '2:14',
      'records.flags is not a kind of record; known are',
    ],
    ['json', '{ "format": 1, "revision": 2,\n"records": { "flag": [] } }', '2:14', 'records.flag must hold records by key'],
    [
      'json',
      '{ "format": 1, "revision": 2,\n"records": { "flag": { "f": {} } } }',
      '2:24',
      "records.flag.f lacks the member 'value'",
    ],
    [
      'json',
      '{ "format": 1, "revision": 2,\n"records": { "flag": { "f": { "value": 1 } } } }',
      '2:31',
      'records.flag.f.value must be an object',
    ],
    [
      'json',
      '{ "format": 1, "revision": 2,\n"records": { "flag": { "f": { "revision": 3, "value": {} } } } }',
      '2:31',
      'records.flag.f.revision must be a whole number from 1 to 2',
    ],
    ['yaml', 'format: 1\nrevision: [', '2:12', 'Flow sequence'],
    ['yaml', 'format: 1\nrevision: 1\nrevision: 2\n', '3:1', 'Map keys must be unique'],
    [
      'yaml',
      'format: 1\nrevision: 1\nrecords:\n  maintenance:\n    "*":\n      value:\n        enabled: yes\n',
      '7:18',
      "records.maintenance.'*'.value.enabled must be true or false",
    ],
    [
      'yaml',
      'format: 1\nrevision: 1\nrecords:\n  maintenance:\n    "*":\n      value:\n        reason: x\n',
      '7:9',
      "records.maintenance.'*'.value.enabled is required",
    ],
    ['yaml', 'format: 1\nrevision: 1\nrecords:\n  routes: {}\n', '4:11', 'records.routes is not a kind of record'],
    ['yaml', 'format: !foo 1\n', '1:9', 'Unresolved tag'],
    ['toml', 'format = 1\nrevision = = 2\n', '2:12', 'invalid value'],
    [
      'toml',
      'format = 1\nrevision = 1\n[records.maintenance."*"]\nrevision = 1\n[records.maintenance."*".value]\nreason = ""\nenabled = 1\n',
      '7:1',
      "records.maintenance.'*'.value.enabled must be true or false",
    ],
    [
      'toml',
      'format = 1\nrevision = 1\n[records.maintenance."*"]\nvalue = { enabled = 1 }\n',
      '4:1',
      "records.maintenance.'*'.value.enabled must be true or false",
    ],
    ['toml', 'format = 1\nrevision = 1\n[records.nonsense."*"]\n', '3:1', 'records.nonsense is not a kind of record'],
  ];
  it.each(wrong.map(([extension, text, place, message]) => ({ extension, text, place, message })))(
    '.$extension: $message, at $place',
    async ({ extension, text, place, message }) => {
      const format = formatFor(`state.${extension}`)();
      const attempt = () => readState(text, format);
      expect(attempt).toThrow(TextProblem);
      expect(attempt).toThrow(message);
      try {
        attempt();
      } catch (error) {
        const { line, column } = (error as TextProblem).position;
        expect(`${line}:${column}`).toBe(place);
      }
    },
  );

  it('takes dates that TOML knows for the text they are stored as', async () => {
    const format = formatFor('state.toml')();
    const { records } = readState(
      'format = 1\nrevision = 1\n[records.edge.x.value]\nrecordedUntil = 2027-01-01T02:00:00Z\n',
      format,
    );
    expect(records).toMatchObject([{ value: { recordedUntil: '2027-01-01T02:00:00.000Z' } }]);
  });
});

import type { StoredRecord } from '../../schema/record.js';
import { FORMAT_VERSION, HEADING, TextProblem, type Position, type StateFormat } from './state-format.js';

/** TOML has no null, JSON no `nan`: the one stands for the other, so that nothing is lost and no name is taken. */
const NULL = NaN;

/** `.toml`: TOML 1.0, with `nan` where the value is null. Loads the parser when it is called: by `require`, because Jest cannot run `import()`. */
export function loadTomlFormat(): StateFormat {
  const { parse, stringify, TomlDate, TomlError }: typeof import('smol-toml') = require('smol-toml');

  return {
    parse(text) {
      try {
        return { root: decode(parse(text, { integersAsBigInt: 'asNeeded' })), where: (path) => positionOf(path, text) };
      } catch (error) {
        if (!(error instanceof TomlError)) throw error;
        const [first = error.message] = error.message.split('\n');
        throw new TextProblem(first.replace('Invalid TOML document: ', ''), { line: error.line, column: error.column });
      }
    },

    fragment({ kind, key, revision, value }: StoredRecord) {
      return stringify({ records: { [kind]: { [key]: { revision, value: encode(value) } } } });
    },

    compose(revision, sections) {
      const records = sections.flatMap(({ fragments }) => fragments);
      const body = records.length === 0 ? '[records]\n' : records.join('\n');
      return `${HEADING}\n# nan stands for null.\nformat = ${FORMAT_VERSION}\nrevision = ${revision}\n\n${body}`;
    },
  };

  function encode(value: unknown): unknown {
    return value === null ? NULL : mapMembers(value, encode);
  }

  function decode(value: unknown): unknown {
    if (typeof value === 'number' && Number.isNaN(value)) return null;
    if (typeof value === 'bigint') return Number(value);
    if (value instanceof TomlDate) return value.toISOString();
    return mapMembers(value, decode);
  }

  /** TOML's reader gives no positions: the header of the innermost table, and in it the line of the member. */
  function positionOf(path: readonly string[], text: string): Position {
    let table: readonly string[] = [];
    let best: Position = { line: 1, column: 1 };
    let depth = 0;
    text.split('\n').forEach((raw, index) => {
      const isHeader = /^\s*\[/.test(raw);
      const named = isHeader ? namesIn(raw) : namesIn(raw.replace(/=.*$/, '= 0'));
      if (named === undefined) return;
      if (isHeader) table = named;
      const here = isHeader ? named : [...table, ...named];
      const differs = here.findIndex((name, at) => name !== path[at]);
      const shared = differs < 0 ? here.length : differs;
      if (shared <= depth) return;
      depth = shared;
      best = { line: index + 1, column: raw.search(/\S/) + 1 };
    });
    return best;
  }

  /** The dotted name a line gives; `undefined` = it gives none. */
  function namesIn(line: string): readonly string[] | undefined {
    try {
      const names: string[] = [];
      let inner: unknown = parse(line);
      for (;;) {
        if (Array.isArray(inner)) [inner] = inner as unknown[];
        if (typeof inner !== 'object' || inner === null) break;
        const [member] = Object.entries(inner);
        if (member === undefined) break;
        names.push(member[0]);
        inner = member[1];
      }
      return names.length === 0 ? undefined : names;
    } catch {
      return undefined;
    }
  }
}

function mapMembers(value: unknown, convert: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, convert(member)]));
}

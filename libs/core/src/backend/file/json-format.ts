import type { StoredRecord } from '../../schema/record.js';
import { readJson } from './json-reader.js';
import { FORMAT_VERSION, positionAt, type StateFormat } from './state-format.js';

/** `.json`: strict JSON, two spaces. */
export const JSON_FORMAT: StateFormat = {
  parse(text) {
    return {
      root: readJson(text),
      where(path) {
        const offsets = new Map<string, number>();
        readJson(text, (at, offset) => offsets.set(JSON.stringify(at), offset));
        for (let depth = path.length; depth > 0; depth--) {
          const offset = offsets.get(JSON.stringify(path.slice(0, depth)));
          if (offset !== undefined) return positionAt(text, offset);
        }
        return { line: 1, column: 1 };
      },
    };
  },

  fragment({ key, revision, value }: StoredRecord) {
    // Line breaks within strings are escaped: every one that is left separates members.
    const body = JSON.stringify({ revision, value }, null, 2).replaceAll('\n', '\n      ');
    return `      ${JSON.stringify(key)}: ${body}`;
  },

  compose(revision, sections) {
    const tables = sections.map(({ kind, fragments }) => `    ${JSON.stringify(kind)}: {\n${fragments.join(',\n')}\n    }`);
    const records = tables.length === 0 ? '{}' : `{\n${tables.join(',\n')}\n  }`;
    return `{\n  "format": ${FORMAT_VERSION},\n  "revision": ${revision},\n  "records": ${records}\n}\n`;
  },
};

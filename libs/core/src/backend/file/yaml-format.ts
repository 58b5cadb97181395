import type { StoredRecord } from '../../schema/record.js';
import { FORMAT_VERSION, HEADING, TextProblem, type Position, type StateFormat } from './state-format.js';

/** `.yaml`, `.yml`: YAML 1.2. Loads the parser when it is called: by `require`, because Jest cannot run `import()`. */
export function loadYamlFormat(): StateFormat {
  const { isNode, LineCounter, parseDocument, stringify }: typeof import('yaml') = require('yaml');

  return {
    parse(text) {
      const lines = new LineCounter();
      const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
      const position = (offset: number): Position => {
        const { line, col } = lines.linePos(offset);
        return { line: Math.max(line, 1), column: Math.max(col, 1) };
      };
      const problem = document.errors[0] ?? document.warnings[0];
      if (problem !== undefined) throw new TextProblem(problem.message, position(problem.pos[0]));
      return {
        root: document.toJS() as unknown,
        where(path) {
          for (let depth = path.length; depth > 0; depth--) {
            const node = document.getIn(path.slice(0, depth), true);
            if (isNode(node) && node.range != null) return position(node.range[0]);
          }
          return { line: 1, column: 1 };
        },
      };
    },

    fragment({ key, revision, value }: StoredRecord) {
      const text = stringify({ [key]: { revision, value } }, { lineWidth: 0, aliasDuplicateObjects: false });
      // Not by regular expressions: theirs are more kinds of white space and line breaks than YAML's.
      const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
      return lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n');
    },

    compose(revision, sections) {
      const tables = sections.map(({ kind, fragments }) => `  ${kind}:\n${fragments.join('\n')}\n`);
      const records = tables.length === 0 ? ' {}\n' : `\n${tables.join('')}`;
      return `${HEADING}\nformat: ${FORMAT_VERSION}\nrevision: ${revision}\nrecords:${records}`;
    },
  };
}

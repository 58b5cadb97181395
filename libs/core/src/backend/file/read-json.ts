import { positionAt, TextProblem } from './state-format.js';

const SPACE = /[ \t\r\n]*/y;
const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Up to its closing quote; what is within is checked when it is read. */
const STRING = /"[^"\\\n]*(?:\\.[^"\\\n]*)*"/y;
const MAX_DEPTH = 200;

/**
 * Reads strict JSON as `JSON.parse` does, but says where it is wrong, and takes a member given twice for the mistake it is in a file
 * that people edit.
 *
 * @param onMember told the path and offset of every member
 * @throws {TextProblem}
 */
export function readJson(text: string, onMember?: (path: readonly string[], offset: number) => void): unknown {
  const path: string[] = [];
  let at = 0;

  const root = readValue();
  skipSpace();
  if (at < text.length) fail('there is more text after the end of the document');
  return root;

  function readValue(): unknown {
    skipSpace();
    const first = text[at];
    if (first === '{' || first === '[') {
      if (path.length >= MAX_DEPTH) fail('is nested too deeply');
      at++;
      return first === '{' ? readObject() : readArray();
    }
    return readScalar('a value is missing');
  }

  function readObject(): unknown {
    const members = new Map<string, unknown>();
    for (let next = separator('}', true); next; next = separator('}', false)) {
      const offset = at;
      if (text[at] !== '"') fail('the name of a member, in double quotes, is missing');
      const name = readScalar('the name of a member is missing') as string;
      if (members.has(name)) fail(`the member ${JSON.stringify(name)} is there twice`, offset);
      skipSpace();
      if (text[at] !== ':') fail(`a colon after ${JSON.stringify(name)} is missing`);
      at++;
      members.set(name, readMember(name, offset));
    }
    return Object.fromEntries(members);
  }

  function readArray(): unknown {
    const items: unknown[] = [];
    for (let next = separator(']', true); next; next = separator(']', false)) items.push(readMember(String(items.length), at));
    return items;
  }

  function readMember(name: string, offset: number): unknown {
    path.push(name);
    onMember?.(path, offset);
    const value = readValue();
    path.pop();
    return value;
  }

  /** Passes what stands between members; `false` = it was the end. */
  function separator(end: string, first: boolean): boolean {
    const before = at;
    skipSpace();
    if (text[at] === end) {
      at++;
      return false;
    }
    if (first) return true;
    if (text[at] !== ',') fail(`a comma or '${end}' is missing`, before);
    const comma = at++;
    skipSpace();
    if (text[at] === end) fail(`there is a comma too many before '${end}'`, comma);
    return true;
  }

  function readScalar(problem: string): unknown {
    const isString = text[at] === '"';
    const pattern = isString ? STRING : WORD;
    pattern.lastIndex = at;
    const [token] = pattern.exec(text) ?? [];
    if (token === undefined) fail(isString ? 'a string does not end on its line' : problem);
    try {
      const value = JSON.parse(token) as unknown;
      at += token.length;
      return value;
    } catch {
      return fail('a string holds an escape that does not exist, or a control character that is not escaped');
    }
  }

  function skipSpace(): void {
    SPACE.lastIndex = at;
    at += SPACE.exec(text)?.[0].length ?? 0;
  }

  function fail(problem: string, offset = at): never {
    throw new TextProblem(offset >= text.length ? `${problem}; the text ends here` : problem, positionAt(text, offset));
  }
}

import { badRequest } from './answer-error.js';

const QUOTE = 34;
const BACKSLASH = 92;
const OPENING: ReadonlySet<number> = new Set([91, 123]);
const CLOSING: ReadonlySet<number> = new Set([93, 125]);
const SPACE: ReadonlySet<number> = new Set([32, 9, 10, 13]);
/** What can follow a number, `true`, `false`, or `null`. */
const AFTER_WORD: ReadonlySet<number> = new Set([...SPACE, ...CLOSING, 44, 58]);

/** Finds where the values in a JSON text end, without parsing more of it than asked for. */
export class JsonScanner {
  #at = 0;

  constructor(private readonly text: string) {}

  /** Moves past a character if it is next. */
  takes(character: string): boolean {
    this.#skipSpace();
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  /** @throws {AnswerError} 400 unless the character is next */
  expect(character: string): void {
    if (!this.takes(character)) throw badRequest('Invalid JSON body');
  }

  /** @throws {AnswerError} 400 unless nothing follows */
  expectEnd(): void {
    this.#skipSpace();
    if (this.#at < this.text.length) throw badRequest('Invalid JSON body');
  }

  /** Whether a text that is no object is a JSON value, as far as can be told from its first value. */
  isJson(): boolean {
    this.#skipSpace();
    const first = this.text.charCodeAt(this.#at);
    return (
      first === 91 || first === QUOTE || /^(?:true|false|null|-?\d[\d.eE+-]*)\s*$/.test(this.text.slice(this.#at, this.#at + 64))
    );
  }

  /**
   * Parses the next value and moves past it; `undefined` = it is longer.
   * @throws {AnswerError} 400 for what is not JSON
   */
  value(maxLength: number): { readonly json: unknown } | undefined {
    this.#skipSpace();
    const end = this.#endOfValue(this.#at, this.#at + maxLength);
    if (end > this.#at + maxLength) return undefined;
    const text = this.text.slice(this.#at, end);
    this.#at = end;
    try {
      return { json: JSON.parse(text) as unknown };
    } catch {
      throw badRequest('Invalid JSON body');
    }
  }

  /** Where the value that begins at `start` ends. Beyond `limit`: it is longer, and was not looked at further. */
  #endOfValue(start: number, limit: number): number {
    const { text } = this;
    let depth = 0;
    for (let at = start; at < text.length && at <= limit; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        at = this.#endOfText(at + 1, limit);
        if (depth === 0) return at + 1;
      } else if (OPENING.has(code)) depth++;
      else if (CLOSING.has(code)) {
        if (depth === 0) return at;
        depth--;
        if (depth === 0) return at + 1;
      } else if (depth === 0 && AFTER_WORD.has(code)) return at;
    }
    // A text that ends within the limit is incomplete: parsing it says so.
    return text.length > limit ? limit + 1 : text.length;
  }

  #endOfText(from: number, limit: number): number {
    const { text } = this;
    for (let at = from; at < text.length && at <= limit; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) return at;
    }
    return limit;
  }

  #skipSpace(): void {
    while (SPACE.has(this.text.charCodeAt(this.#at))) this.#at++;
  }
}

import { isatty } from 'node:tty';
import { render, wantsColour, type Text } from './style.js';
import { tableLines, type Column } from './table.js';
import { write } from './write.js';

const STDOUT = 1;

/** What a command writes to. Lines are gathered and written at once, when the command ends or asks something. */
export class Output {
  readonly json: boolean;
  readonly coloured: boolean;
  #pending: string[] = [];

  readonly isTerminal = isatty(STDOUT);

  constructor({ json = false, colour = true }: { readonly json?: boolean; readonly colour?: boolean } = {}) {
    this.json = json;
    this.coloured = colour && wantsColour(this.isTerminal, process.env);
  }

  get columns(): number | null {
    return this.isTerminal ? process.stdout.columns || 80 : null;
  }

  get rows(): number {
    return process.stdout.rows || 24;
  }

  /**
   * A line for people, as a template; whatever is put into it is made harmless. With `--json` nothing is written.
   * @example out.say`✓ ${key} → ${green('ACTIVE')}`
   */
  say(parts: TemplateStringsArray, ...values: readonly (Text | number)[]): void {
    if (this.json) return;
    const filled = values.map((value) => render(typeof value === 'number' ? String(value) : value, this.coloured));
    this.#pending.push(String.raw({ raw: parts }, ...filled));
  }

  table(columns: readonly Column[], rows: readonly (readonly Text[])[]): void {
    if (!this.json) this.#pending.push(...tableLines(columns, rows, this.columns, this.coloured));
  }

  /** The result for programs: one JSON value on a line (spread out on a terminal). Without `--json` nothing is written. */
  value(value: unknown): void {
    if (this.json) this.#pending.push(JSON.stringify(value, null, this.isTerminal ? 2 : undefined));
  }

  /** A line of JSON Lines. */
  record(value: unknown): void {
    if (this.json) this.#pending.push(JSON.stringify(value));
  }

  /** Text as it is, e.g. a script or a file. */
  raw(text: string): void {
    this.#pending.push(text.replace(/\n$/, ''));
  }

  flush(): void {
    const text = this.take();
    if (text !== '') write(text);
  }

  /** What was not written yet. */
  take(): string {
    const lines = this.#pending;
    this.#pending = [];
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  /** Clears the screen before a view that is drawn again. */
  redraw(): void {
    if (this.isTerminal && !this.json) write('\u001B[H\u001B[2J\u001B[3J');
  }
}

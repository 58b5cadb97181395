import { harmless } from './text.js';

/** A text with a colour, made harmless; coloured only when it is written to a terminal that wants it. */
export class Styled {
  readonly text: string;

  constructor(
    text: string,
    private readonly open: number,
    private readonly close: number,
  ) {
    this.text = harmless(text);
  }

  render(coloured: boolean, text: string = this.text): string {
    return coloured && text !== '' ? `\u001B[${this.open}m${text}\u001B[${this.close}m` : text;
  }
}

export type Text = string | Styled;

export const bold = (text: string) => new Styled(text, 1, 22);
export const dim = (text: string) => new Styled(text, 2, 22);
export const red = (text: string) => new Styled(text, 31, 39);
export const green = (text: string) => new Styled(text, 32, 39);
export const yellow = (text: string) => new Styled(text, 33, 39);
export const blue = (text: string) => new Styled(text, 34, 39);
export const cyan = (text: string) => new Styled(text, 36, 39);

/** The characters of a text, without its colour. */
export function plain(text: Text): string {
  return typeof text === 'string' ? harmless(text) : text.text;
}

export function render(text: Text, coloured: boolean): string {
  return typeof text === 'string' ? harmless(text) : text.render(coloured);
}

/** Whether a stream should be given colours: it is a terminal, and neither `NO_COLOR` (no-color.org) nor `TERM=dumb` says no. */
export function wantsColour(isTerminal: boolean, variables: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (variables['NO_COLOR'] ?? '') === '' && variables['TERM'] !== 'dumb';
}

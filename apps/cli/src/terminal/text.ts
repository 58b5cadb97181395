/** Escape sequences as terminals read them: CSI (`ESC [ … letter`) and OSC (`ESC ] … BEL`). */
const SEQUENCES = /(?:\p{Cc}\[|\u009B)[0-9;:<=>?]*[ -/]*[@-~]|(?:\p{Cc}\]|\u009D)[^\p{Cc}]*/gu;
/** What most texts are made of, our own signs included: nothing to remove, one column each. */
const PLAIN = /^[ -~–•…←→─✓✗]*$/;
const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text from elsewhere made harmless for a terminal: no escape sequence, no control code, no reversed direction; breaks become spaces. */
export function harmless(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(/\r?\n|\t/g, ' ')
    .replace(SEQUENCES, '')
    .replace(INVISIBLE, '');
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns a text takes on a terminal. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Breaks a text into lines of at most `width` columns, between words where there is room, inside of words where there is none. */
export function wrap(text: string, width: number): readonly string[] {
  if (displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = chop(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  lines.push(line);
  return lines;
}

function chop(word: string, width: number): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const character of word) {
    const wide = characterWidth(character);
    if (used + wide > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += wide;
  }
  pieces.push(piece);
  return pieces;
}

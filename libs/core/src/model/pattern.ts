import { RE2JS } from 're2js';

/**
 * Matching takes time in proportion to the length of the text times the size of the program; this bounds the product, and with it the
 * time of one clause (some 10 ms).
 */
const MAX_WORK = 100_000;
/** Instructions that the patterns of one clause may have together. */
const MAX_PROGRAM = 1_000;
const MAX_TEXT = 10_000;

/** Several RE2 patterns, matched in linear time. */
export interface PatternSet {
  /** Whether any pattern occurs anywhere in the text. A text that would take too long matches nothing. */
  matches(text: string): boolean;
}

/**
 * Compiles patterns of RE2's syntax (no backreferences, no lookaround).
 * @throws {Error} saying what is wrong with which pattern
 */
export function compilePatterns(sources: readonly string[]): PatternSet {
  const patterns = sources.map((source) => RE2JS.compile(source));
  const program = patterns.reduce((sum, pattern) => sum + pattern.programSize(), 0);
  if (program > MAX_PROGRAM) throw new Error(`too large: ${program} instructions, at most ${MAX_PROGRAM} are allowed`);
  const longest = Math.min(MAX_TEXT, Math.floor(MAX_WORK / Math.max(1, program)));
  return {
    matches: (text) => text.length <= longest && patterns.some((pattern) => pattern.matcher(text).find()),
  };
}

/** How often a variation of a flag was given since the counts were last collected. */
export class Tally {
  /** Not collected yet. */
  pending = 0;

  /** @param variation `null` = the caller's default was given */
  constructor(
    readonly flag: string,
    readonly variation: string | null,
  ) {}
}

/** Gives the tally of a flag's variation; the same for the same pair, whatever becomes of the flag's definition. */
export type Tallies = (flag: string, variation: string | null) => Tally;

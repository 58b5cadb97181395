import { follows, type Link, type Position } from './position.js';

/** The latest position that is known to lie in the same history as all that was read through one backend. */
export class KnownPosition {
  #at: Position | null = null;
  readonly #awaiting = new Set<(position: Position) => void>();

  /** `null` = nothing was read yet. */
  get at(): Position | null {
    return this.#at;
  }

  /** Where the store was found. @returns what is known already, else that */
  found(position: Position): Position {
    return (this.#at ??= position);
  }

  /** Everything was loaded there, whatever history it is of. */
  loaded(position: Position): void {
    if (this.#at?.epoch !== position.epoch) this.#at = position;
    this.reached(position);
    for (const resolve of this.#awaiting) resolve(position);
    this.#awaiting.clear();
  }

  /** A later position of the history that is known; whoever was faster has said more already. */
  reached(position: Position): void {
    if (this.#at?.epoch === position.epoch && this.#at.revision < position.revision) this.#at = position;
  }

  heard(commit: Link): void {
    if (this.#at !== null && follows(this.#at, commit))
      this.#at = { epoch: this.#at.epoch, revision: commit.revision, head: commit.id };
  }

  /** The position of the next load that succeeds; `null` = none does in time. */
  async nextLoaded(withinMs: number): Promise<Position | null> {
    let timer: NodeJS.Timeout | undefined;
    let resolve: ((position: Position | null) => void) | undefined;
    const loaded = new Promise<Position | null>((done) => {
      resolve = done;
      this.#awaiting.add(done);
      timer = setTimeout(() => done(null), withinMs);
    });
    const position = await loaded;
    clearTimeout(timer);
    if (resolve !== undefined) this.#awaiting.delete(resolve);
    return position;
  }
}

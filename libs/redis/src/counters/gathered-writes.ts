import type { Writable } from 'node:stream';
import type { RedisClient } from '../connection/connection.js';

/** So many commands go out in one write; more would let Redis wait for what it could work on already. */
const COMMANDS_A_WRITE = 16;

/**
 * Sends the commands of one turn of the event loop in few writes. A system call a command is what costs most in asking Redis; gathered,
 * many requests share one. Unlike a pipeline it changes nothing else: each command stays a command of its own, in its order.
 *
 * The first command of a turn goes at once, so that nobody who is alone waits; the others until sixteen are together or the sockets that
 * were readable in this turn have been read. On a Cluster, where commands go over several connections, they are not gathered.
 */
export class GatheredWrites {
  #turnIsKnown = false;
  #held: Writable | null = null;
  #count = 0;
  #underway = 0;
  readonly #endTurn = (): void => {
    this.#turnIsKnown = false;
    this.#release();
  };

  constructor(private readonly client: RedisClient) {}

  /** To be called before a command is sent. One that is alone on its way is left alone. */
  begin(): void {
    if (this.#underway++ === 0 || this.client.isCluster) return;
    if (!this.#turnIsKnown) {
      this.#turnIsKnown = true;
      setImmediate(this.#endTurn);
      return;
    }
    if (this.#count >= COMMANDS_A_WRITE) this.#release();
    if (this.#held === null) this.#hold();
    this.#count++;
  }

  /** To be called when a command was answered, or failed. */
  end(): void {
    this.#underway--;
  }

  #hold(): void {
    const { stream } = this.client as { readonly stream?: Writable | null };
    if (stream == null || stream.destroyed) return;
    this.#held = stream;
    stream.cork();
  }

  #release(): void {
    const held = this.#held;
    this.#held = null;
    this.#count = 0;
    held?.uncork();
  }
}

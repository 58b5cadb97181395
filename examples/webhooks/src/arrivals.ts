import { Injectable } from '@nestjs/common';

export interface Arrival {
  readonly id: string;
  readonly receiver: string;
  readonly body: unknown;
}

/** What the receivers got. */
@Injectable()
export class Arrivals {
  readonly #byId = new Map<string, Arrival>();

  /** Deliveries come at least once: one that came before is the same one. */
  add(arrival: Arrival): void {
    this.#byId.set(arrival.id, arrival);
  }

  list(): readonly Arrival[] {
    return [...this.#byId.values()];
  }
}

/** When requests were accepted, oldest first, in a ring that grows with need. Those of the same millisecond share an entry: 16 bytes. */
export class MovingLog {
  #times = new Float64Array(4);
  #costs = new Float64Array(4);
  #head = 0;
  #length = 0;
  /** Sum of all costs in the log. */
  sum = 0;

  /** Epoch ms of the latest entry; 0 = none. */
  get latest(): number {
    return this.#length === 0 ? 0 : (this.#times[this.#at(this.#length - 1)] as number);
  }

  add(time: number, cost: number): void {
    this.sum += cost;
    if (this.#length > 0 && this.latest === time) {
      const last = this.#at(this.#length - 1);
      this.#costs[last] = (this.#costs[last] as number) + cost;
      return;
    }
    if (this.#length === this.#times.length) this.#grow();
    const slot = this.#at(this.#length);
    this.#times[slot] = time;
    this.#costs[slot] = cost;
    this.#length++;
  }

  /** Drops what was accepted at `time` or before. */
  dropUntil(time: number): void {
    while (this.#length > 0 && (this.#times[this.#head] as number) <= time) {
      this.sum -= this.#costs[this.#head] as number;
      this.#head = this.#at(1);
      this.#length--;
    }
  }

  /** Moves what lies in the future to now: the clock leapt back. */
  clampTo(now: number): void {
    for (let i = this.#length - 1; i >= 0 && (this.#times[this.#at(i)] as number) > now; i--) this.#times[this.#at(i)] = now;
  }

  /** The time of the entry with whose end at least `cost` will have left the log. */
  timeToFree(cost: number): number {
    let freed = 0;
    for (let i = 0; i < this.#length; i++) {
      freed += this.#costs[this.#at(i)] as number;
      if (freed >= cost) return this.#times[this.#at(i)] as number;
    }
    return this.latest;
  }

  #at(index: number): number {
    return (this.#head + index) & (this.#times.length - 1);
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const costs = new Float64Array(this.#times.length * 2);
    for (let i = 0; i < this.#length; i++) {
      times[i] = this.#times[this.#at(i)] as number;
      costs[i] = this.#costs[this.#at(i)] as number;
    }
    this.#times = times;
    this.#costs = costs;
    this.#head = 0;
  }
}

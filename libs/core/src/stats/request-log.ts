import type { Clock } from '../model/time.js';
import { Fingerprint } from './fingerprint.js';
import { KEPT_MINUTES, MINUTE_MS } from './route-traffic.js';
import { TextTable } from './text-table.js';

/** Who sent a request. Looked at only where the request is recorded. `null` = it does not say. */
export interface Sender {
  readonly ip: string | null;
  /** As far as it is known without asking the app. */
  readonly knownUser: string | null;
  readonly apiKey: string | null;
}

/** One request of the last hour that reached the limits of its route. */
interface LoggedRequest {
  /** When it came, epoch ms. */
  readonly at: number;
  readonly route: string;
  readonly ip: string | null;
  readonly user: string | null;
  /** Stands for the key, which is not kept. */
  readonly apiKey: string | null;
}

export interface RequestSample {
  /** Oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** Each request stands for so many; a power of two. All requests of one address are in it, or none. */
  readonly factor: number;
  /** Since when requests are recorded, epoch ms; at most an hour ago. */
  readonly since: number;
}

const HOUR_MS = KEPT_MINUTES * MINUTE_MS;
const DEFAULT_CAPACITY = 65_536;
/** How many doublings of the factor there are; with it one address in 16 384 is recorded. */
const MOST_HALVINGS = 14;
/** With fewer, a share of them says little about the others. */
const FEWEST_ADDRESSES = 64;
const LONGEST_TEXT = 256;

/**
 * Who asked for what within the last hour, in memory that never grows: about 2 MB of numbers, and the texts they stand for. When more
 * comes than there is room for, only every second address is recorded, then every fourth, and so on: what one caller does stays whole, so
 * that it can be replayed against a limit. Where addresses are few, the oldest requests go instead.
 */
export class RequestLog {
  readonly #at: Float64Array;
  readonly #route: Uint32Array;
  readonly #ip: Uint32Array;
  readonly #user: Uint32Array;
  readonly #apiKey: Uint32Array;
  readonly #texts: TextTable;
  readonly #keys: Fingerprint;
  /** How often the share of addresses that are recorded was halved, in each of the last minutes, with the minute it was so. */
  readonly #halvings = new Uint8Array(KEPT_MINUTES);
  readonly #minutes = new Uint32Array(KEPT_MINUTES);
  #halved = 0;
  #minute = 0;
  #next = 0;
  #size = 0;
  readonly #since: number;
  /** How many requests of this hour may go yet before it is looked for another way to make room. */
  #overwrites = 0;
  /** When the latest request came that had to go although it was of this hour and its address is recorded. */
  #lostUntil = 0;

  /** @param capacity requests kept at most */
  constructor(
    private readonly clock: Clock,
    private readonly capacity = DEFAULT_CAPACITY,
  ) {
    this.#at = new Float64Array(capacity);
    this.#route = new Uint32Array(capacity);
    this.#ip = new Uint32Array(capacity);
    this.#user = new Uint32Array(capacity);
    this.#apiKey = new Uint32Array(capacity);
    this.#texts = new TextTable(capacity);
    this.#keys = new Fingerprint();
    this.#since = clock();
  }

  /** Records a request, or does not, as its address falls. @param at when it came, epoch ms */
  add(route: string, at: number, sender: Sender): void {
    const { ip } = sender;
    this.#turn(at);
    const address = ip === null ? '' : bounded(ip);
    if (!this.#isChosen(address)) return;
    if (this.#isCrowded(at)) {
      this.#makeRoom();
      return this.add(route, at, sender);
    }
    const { knownUser: user, apiKey } = sender;
    const place = this.#next;
    this.#at[place] = at;
    this.#route[place] = this.#texts.place(route);
    this.#ip[place] = this.#texts.place(address);
    this.#user[place] = user === null ? 0 : this.#texts.place(bounded(user));
    this.#apiKey[place] = apiKey === null ? 0 : this.#texts.place(this.#keys.of(apiKey));
    this.#next = (place + 1) % this.capacity;
    if (this.#size < this.capacity) this.#size++;
  }

  /** The requests of the last hour to routes that are wanted. */
  sample(isWanted: (route: string) => boolean): RequestSample {
    const now = this.clock();
    const halved = this.#mostHalved(now);
    const wanted = new Map<number, boolean>();
    const requests: LoggedRequest[] = [];
    for (const place of this.#places()) {
      const at = this.#at[place] ?? 0;
      if (at <= now - HOUR_MS) continue;
      const routePlace = this.#route[place] ?? 0;
      const route = this.#texts.textAt(routePlace);
      let wants = wanted.get(routePlace);
      if (wants === undefined) wanted.set(routePlace, (wants = isWanted(route)));
      if (!wants || !isAmong(this.#texts.hashAt(this.#ip[place] ?? 0), halved)) continue;
      const textOf = (column: Uint32Array) => this.#texts.textAt(column[place] ?? 0) || null;
      requests.push({ at, route, ip: textOf(this.#ip), user: textOf(this.#user), apiKey: textOf(this.#apiKey) });
    }
    return {
      requests: requests.toSorted((a, b) => a.at - b.at),
      factor: 2 ** halved,
      since: Math.max(this.#since, this.#lostUntil, now - HOUR_MS),
    };
  }

  #isChosen(address: string): boolean {
    return this.#halved === 0 || isAmong(this.#texts.hashOf(address), this.#halved);
  }

  /** Begins another minute: where little came of late, more addresses are recorded again. */
  #turn(at: number): void {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute <= this.#minute) return;
    this.#minute = minute;
    if (this.#halved > 0 && this.#recent(at) < this.capacity / 4) this.#halved--;
    this.#note();
  }

  /** How many of the last hour are kept. */
  #recent(now: number): number {
    let recent = 0;
    for (const place of this.#places()) if ((this.#at[place] ?? 0) > now - HOUR_MS) recent++;
    return recent;
  }

  #isCrowded(at: number): boolean {
    if (this.#texts.isFull) return true;
    const oldest = this.#at[this.#next] ?? 0;
    if (this.#size < this.capacity || oldest <= at - HOUR_MS) return false;
    if (this.#overwrites === 0) return true;
    this.#overwrites--;
    this.#lostUntil = Math.max(this.#lostUntil, oldest);
    return false;
  }

  /** Texts nobody refers to any more go first, then every second address, or the oldest requests where addresses are few. */
  #makeRoom(): void {
    if (this.#texts.isFull) this.#rebuild([...this.#places()]);
    while (this.#texts.size > this.capacity * 0.75 || this.#size === this.capacity) {
      if (this.#halved < MOST_HALVINGS && this.#addresses() >= 2 * FEWEST_ADDRESSES) this.#halve();
      else if (this.#texts.size > this.capacity * 0.75) this.#forgetOldest();
      else return void (this.#overwrites = Math.ceil(this.capacity / 2));
    }
  }

  /** How many addresses there are, counted no further than it matters. */
  #addresses(): number {
    const seen = new Set<number>();
    for (const place of this.#places()) if (seen.add(this.#ip[place] ?? 0).size >= 2 * FEWEST_ADDRESSES) break;
    return seen.size;
  }

  /** Records half of the addresses from now on, and forgets the others. */
  #halve(): void {
    this.#halved++;
    this.#note();
    this.#rebuild([...this.#places()].filter((place) => isAmong(this.#texts.hashAt(this.#ip[place] ?? 0), this.#halved)));
  }

  #forgetOldest(): void {
    const places = [...this.#places()];
    const kept = places.splice(Math.ceil(places.length / 2));
    for (const place of places) this.#lostUntil = Math.max(this.#lostUntil, this.#at[place] ?? 0);
    this.#rebuild(kept);
  }

  #note(): void {
    const slot = this.#minute % KEPT_MINUTES;
    const known = this.#minutes[slot] === this.#minute ? (this.#halvings[slot] ?? 0) : 0;
    this.#minutes[slot] = this.#minute;
    this.#halvings[slot] = Math.max(known, this.#halved);
  }

  /** What is kept moves together, and texts nobody refers to any more go. @param places oldest first */
  #rebuild(places: readonly number[]): void {
    const columns = [this.#route, this.#ip, this.#user, this.#apiKey];
    const texts = columns.map((column) => places.map((place) => this.#texts.textAt(column[place] ?? 0)));
    const times = places.map((place) => this.#at[place] ?? 0);
    this.#texts.clear();
    this.#at.set(times);
    columns.forEach((column, i) => column.set((texts[i] ?? []).map((text) => this.#texts.place(text))));
    this.#size = places.length;
    this.#next = places.length % this.capacity;
  }

  /** Every place that is taken, oldest first. */
  *#places(): IterableIterator<number> {
    const first = this.#size < this.capacity ? 0 : this.#next;
    for (let i = 0; i < this.#size; i++) yield (first + i) % this.capacity;
  }

  #mostHalved(now: number): number {
    const oldest = Math.floor((now - HOUR_MS) / MINUTE_MS);
    let most = this.#halved;
    for (let i = 0; i < KEPT_MINUTES; i++) if ((this.#minutes[i] ?? 0) >= oldest) most = Math.max(most, this.#halvings[i] ?? 0);
    return most;
  }
}

function isAmong(hash: number, halved: number): boolean {
  return (hash & ((1 << halved) - 1)) === 0;
}

function bounded(text: string): string {
  return text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
}

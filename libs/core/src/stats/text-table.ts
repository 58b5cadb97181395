/** Texts by a small number, so that columns of numbers can refer to them. The number 0 stands for the empty text. */
export class TextTable {
  readonly #places = new Map<string, number>();
  readonly #texts: string[] = [''];
  readonly #hashes: number[] = [0];

  /** @param capacity texts it is meant to hold; a few more do no harm */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#texts.length - 1;
  }

  get isFull(): boolean {
    return this.size >= this.capacity;
  }

  /** The number of a text; the same for the same text until {@link clear}. */
  place(text: string): number {
    if (text === '') return 0;
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#texts.length;
    this.#places.set(text, place);
    this.#texts.push(text);
    this.#hashes.push(hashOf(text));
    return place;
  }

  textAt(place: number): string {
    return this.#texts[place] ?? '';
  }

  hashAt(place: number): number {
    return this.#hashes[place] ?? 0;
  }

  /** 32 bits that are the same for the same text. */
  hashOf(text: string): number {
    const known = this.#places.get(text);
    return known === undefined ? hashOf(text) : (this.#hashes[known] ?? 0);
  }

  clear(): void {
    this.#places.clear();
    this.#texts.length = 1;
    this.#hashes.length = 1;
  }
}

function hashOf(text: string): number {
  if (text === '') return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

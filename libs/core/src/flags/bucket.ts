import { TOTAL_WEIGHT } from '../schema/flag.js';

/** The message schedule, reused: hashing is synchronous, so nobody else can be at it. */
const words = new Int32Array(80);
const encoder = new TextEncoder();
/** Bytes of a text that is not plain ASCII or spans several blocks; grows to what was needed once, up to a bound. */
let scratch = new Uint8Array(256);
const MAX_SCRATCH = 1 << 16;
/** What fits into one block with its end mark and length. */
const ONE_BLOCK = 55;
/** 2³² mod 100 000. */
const WORD_MODULUS = 67_296;

let h0 = 0;
let h1 = 0;
let h2 = 0;
let h3 = 0;
let h4 = 0;

/**
 * Where a subject stands in a rollout: SHA-1 of `text` in UTF-8, all 160 bits as one number, modulo {@link TOTAL_WEIGHT}.
 *
 * Written out because texts are short: a call into OpenSSL costs more than the hash itself.
 * @param text `flag:kind:key`
 * @returns 0 to 99 999
 */
export function bucketOf(text: string): number {
  h0 = 0x67452301;
  h1 = 0xefcdab89 | 0;
  h2 = 0x98badcfe | 0;
  h3 = 0x10325476;
  h4 = 0xc3d2e1f0 | 0;
  if (text.length > ONE_BLOCK || !oneAsciiBlock(text)) hashBytes(text);
  else compress();
  let bucket = (h0 >>> 0) % TOTAL_WEIGHT;
  bucket = (bucket * WORD_MODULUS + (h1 >>> 0)) % TOTAL_WEIGHT;
  bucket = (bucket * WORD_MODULUS + (h2 >>> 0)) % TOTAL_WEIGHT;
  bucket = (bucket * WORD_MODULUS + (h3 >>> 0)) % TOTAL_WEIGHT;
  return (bucket * WORD_MODULUS + (h4 >>> 0)) % TOTAL_WEIGHT;
}

/** Puts a short ASCII text into the schedule; `false` = it is none. */
function oneAsciiBlock(text: string): boolean {
  const { length } = text;
  let seen = 0;
  let word = 0;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    seen |= code;
    word = (word << 8) | code;
    if ((i & 3) === 3) words[at++] = word;
  }
  if (seen > 127) return false;
  const rest = length & 3;
  words[at++] = rest === 0 ? 0x80000000 : ((word << 8) | 0x80) << (24 - 8 * rest);
  while (at < 15) words[at++] = 0;
  words[15] = length << 3;
  return true;
}

function hashBytes(text: string): void {
  // A UTF-16 unit takes at most three bytes; end mark and length take up to 72 more.
  const needed = text.length * 3 + 72;
  const bytes = needed <= scratch.length ? scratch : new Uint8Array(needed);
  if (needed <= MAX_SCRATCH) scratch = bytes;
  const { written } = encoder.encodeInto(text, bytes);
  const padded = (written + 9 + 63) & ~63;
  bytes.fill(0, written, padded);
  bytes[written] = 0x80;
  const view = new DataView(bytes.buffer, bytes.byteOffset, padded);
  view.setUint32(padded - 8, Math.floor(written / 0x20000000));
  view.setUint32(padded - 4, (written << 3) >>> 0);
  for (let block = 0; block < padded; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(block + i * 4);
    compress();
  }
}

/**
 * One block of SHA-1 (FIPS 180-4, §6.1.2) from the first 16 words of the schedule. Every sum is cut to 32 bits at once: a sum that
 * leaves them makes the engine calculate with floating point, at twice the time.
 */
function compress(): void {
  const w = words;
  for (let i = 16; i < 80; i++) {
    const x = at(w, i - 3) ^ at(w, i - 8) ^ at(w, i - 14) ^ at(w, i - 16);
    w[i] = (x << 1) | (x >>> 31);
  }
  let a = h0;
  let b = h1;
  let c = h2;
  let d = h3;
  let e = h4;
  for (let i = 0; i < 20; i++) {
    const t = (((((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d)))) | 0) + ((((e + (0x5a827999 | 0)) | 0) + at(w, i)) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 20; i < 40; i++) {
    const t = (((((a << 5) | (a >>> 27)) + (b ^ c ^ d)) | 0) + ((((e + (0x6ed9eba1 | 0)) | 0) + at(w, i)) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 40; i < 60; i++) {
    const t = (((((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c)))) | 0) + ((((e + (0x8f1bbcdc | 0)) | 0) + at(w, i)) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 60; i < 80; i++) {
    const t = (((((a << 5) | (a >>> 27)) + (b ^ c ^ d)) | 0) + ((((e + (0xca62c1d6 | 0)) | 0) + at(w, i)) | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  h0 = (h0 + a) | 0;
  h1 = (h1 + b) | 0;
  h2 = (h2 + c) | 0;
  h3 = (h3 + d) | 0;
  h4 = (h4 + e) | 0;
}

/** An element that is known to exist. */
function at(array: Int32Array, index: number): number {
  return array[index] as number;
}

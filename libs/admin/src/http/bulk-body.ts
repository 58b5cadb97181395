import { Turn } from '@waygate/core';
import { badRequest } from './answer-error.js';
import { checkKeys } from './body.js';
import { JsonScanner } from './json-scanner.js';

/** Most characters of one item, or of a member that is no list of items. */
const MAX_ITEM = 64 * 1024;

/** A list of a bulk body. */
interface BulkList<T = unknown> {
  /** Most items. More are refused without being parsed. */
  readonly max: number;
  /** Checks one item. Throws for the first that is wrong, which ends the reading. */
  readonly read: (item: unknown, index: number) => T;
  /** Most characters of one item as JSON. Default: 65,536. */
  readonly maxItem?: number;
}

export type BulkLists = Readonly<Record<string, BulkList>>;

/** What was read: each list by its name, and the other members of the body as they are. */
export type BulkBody<L extends BulkLists> = { readonly [K in keyof L]: readonly ReturnType<L[K]['read']>[] } & Readonly<
  Record<string, unknown>
>;

/**
 * Reads a JSON object whose members are long lists, item by item, and lets other requests go first every few milliseconds. An item is
 * parsed only after its length was checked, and checked before the next one is parsed, so that a hostile body costs what its first
 * invalid item costs.
 * @throws {AnswerError} 400 for what is not JSON, too many or too long items, and what `read` throws
 */
export async function readBulk<L extends BulkLists>(text: string, lists: L): Promise<BulkBody<L>> {
  const scanner = new JsonScanner(text);
  const turn = new Turn();
  const body: Record<string, unknown> = {};
  const readList = async (name: string, { max, read, maxItem = MAX_ITEM }: BulkList): Promise<unknown[]> => {
    if (!scanner.takes('['))
      throw badRequest(name === 'changes' ? 'changes must be a list of changes' : `${name} must be a list`);
    const items: unknown[] = [];
    if (scanner.takes(']')) return items;
    do {
      const at = `${name}[${items.length}]`;
      if (items.length >= max) throw badRequest(`${name} must be at most ${max}`);
      items.push(read(valueOf(scanner, at, maxItem), items.length));
      if (turn.isOver()) await turn.next();
    } while (scanner.takes(','));
    scanner.expect(']');
    return items;
  };

  if (!scanner.takes('{')) throw badRequest(scanner.isJson() ? 'JSON body must be an object' : 'Invalid JSON body');
  if (!scanner.takes('}')) {
    do {
      const name = String(valueOf(scanner, 'A name', 256));
      scanner.expect(':');
      if (Object.hasOwn(body, name)) throw badRequest(`${name} is a duplicate`);
      checkKeys({ [name]: null }, 0);
      const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
      body[name] = list === undefined ? valueOf(scanner, name, MAX_ITEM) : await readList(name, list);
      if (turn.isOver()) await turn.next();
    } while (scanner.takes(','));
    scanner.expect('}');
  }
  scanner.expectEnd();
  for (const name of Object.keys(lists))
    if (!Object.hasOwn(body, name))
      throw badRequest(name === 'changes' ? 'changes must be a list of changes' : `${name} must be a list`);
  return body as BulkBody<L>;
}

function valueOf(scanner: JsonScanner, at: string, maxLength: number): unknown {
  const value = scanner.value(maxLength);
  if (value === undefined) throw badRequest(`${at} must have at most ${maxLength} characters as JSON`);
  checkKeys(value.json, 1);
  return value.json;
}

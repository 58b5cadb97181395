import { RECORD_KINDS } from '../model/vocabulary.js';
import type { StateChange } from './control-state.js';

const KNOWN: ReadonlySet<string> = new Set(RECORD_KINDS);

/** Reports records of kinds that only a later version knows, once per kind. They are kept as they are. */
export class LaterKinds {
  readonly #reported = new Set<string>();

  constructor(private readonly report: (kind: string) => void) {}

  observe({ changes }: Pick<StateChange, 'changes'>): void {
    for (const { kind } of changes) {
      if (KNOWN.has(kind) || this.#reported.has(kind)) continue;
      this.#reported.add(kind);
      this.report(kind);
    }
  }
}

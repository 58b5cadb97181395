/** Which histories a store continues, see `StateImage` of the core. */
export interface Lineage {
  /** The epoch that this is about; under another one it does not count. */
  readonly epoch?: string;
  readonly supersedes?: readonly string[];
  readonly forkOf?: string;
}

export function lineageText(lineage: Lineage): string {
  return JSON.stringify(lineage);
}

/** @returns nothing for a text that is about another epoch, or missing */
export function readLineage(text: string | null, epoch: string): Omit<Lineage, 'epoch'> {
  if (text === null) return {};
  try {
    const { epoch: about, ...lineage } = JSON.parse(text) as Lineage;
    return about === epoch ? lineage : {};
  } catch {
    return {};
  }
}

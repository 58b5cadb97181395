/** Tells the operator of something that must not stop the program. */
export function warn(what: string, error: unknown): void {
  process.emitWarning(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, 'WaygateWarning');
}

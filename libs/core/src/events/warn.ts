import { errorTrace } from '../native-errors/native-error.js';
/** Tells the operator of something that must not stop the program. */
export function warn(what: string, error: unknown): void {
  process.emitWarning(`${what}: ${errorTrace(error)}`, 'WaygateWarning');
}

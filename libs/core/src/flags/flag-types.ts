/**
 * Flags by key, with the type of their values. Empty until a file fills it, as `waygate flags types` writes one: from then on, keys it
 * does not name, and keys of flags of another type, do not compile wherever a flag is evaluated.
 *
 * @example
 * declare module '@waygate/nestjs' {
 *   interface FlagTypes {
 *     'new-checkout': boolean;
 *   }
 * }
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- others fill it
export interface FlagTypes {}

/** Keys of flags whose values are of a type; any text while nobody said which flags there are. */
export type FlagKey<T = unknown> = [keyof FlagTypes] extends [never]
  ? string
  : { [K in keyof FlagTypes]: FlagTypes[K] extends T ? K : never }[keyof FlagTypes];

/** What an attribute of a context may hold. */
export type ContextValue =
  boolean | number | string | null | undefined | Date | readonly ContextValue[] | { readonly [key: string]: ContextValue };

/** Who or what a flag is evaluated for: OpenFeature's evaluation context. */
export interface EvaluationContext {
  /** Identifies the subject; rollouts and targets need it. */
  readonly targetingKey?: string;
  /** What the subject is; part of the hash of rollouts. Default `user`. */
  readonly kind?: ContextValue;
  readonly [attribute: string]: ContextValue;
}

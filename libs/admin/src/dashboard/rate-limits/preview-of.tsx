import { InvalidLimitError, ValidationError, type RateLimitInput, type RateLimitPolicy, type WaygateEngine } from '@waygate/core';
import type { VNode } from 'preact';
import { PreviewProblem, PreviewResult } from './limit-preview.js';

/** @param input reads the limit as it is typed; what is wrong with it is said in place of the result */
export function previewOf(
  engine: WaygateEngine,
  input: () => RateLimitInput,
  present: RateLimitPolicy | null,
  covers: (route: string) => boolean,
): VNode {
  try {
    const typed = input();
    if (typed.limit === '') return <p class="hint">Type a limit to see what it would have done to the last hour.</p>;
    const preview = engine.previewLimit(typed, covers);
    const before = present === null || present.mode === 'off' ? null : engine.previewLimit(present, covers);
    return (
      <PreviewResult preview={preview} present={before} byKey={typed.key === 'api_key' || typed.key === 'unverified_api_key'} />
    );
  } catch (error) {
    if (error instanceof ValidationError || error instanceof InvalidLimitError) return <PreviewProblem message={error.message} />;
    throw error;
  }
}

import type { RecordKind, WaygateEngine } from '@waygate/core';
import type { VNode } from 'preact';
import { ChangeSummary } from './change.js';

/** What somebody else did to records while the form was open: the last change of each. */
export async function conflictOn(engine: WaygateEngine, kind: RecordKind, ...keys: readonly string[]): Promise<VNode> {
  const last = await Promise.all(keys.map((key) => engine.audit.list({ kind, key, limit: 1 })));
  const items = last.flatMap((page) => page.items);
  return (
    <>
      <p>
        <strong>Somebody else was faster.</strong> Nothing was changed. This is what happened meanwhile; what you typed is still
        here. Send it again to replace it.
      </p>
      {items.map((entry) => (
        <ChangeSummary key={entry.id} entry={entry} now={engine.now()} />
      ))}
    </>
  );
}

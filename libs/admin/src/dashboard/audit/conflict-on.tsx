import type { RecordKind, WaygateEngine } from '@waygate/core';
import type { VNode } from 'preact';
import { ChangeSummary } from './change.js';

/** What somebody else did to a record while the form was open. */
export async function conflictOn(engine: WaygateEngine, kind: RecordKind, key: string): Promise<VNode> {
  const { items } = await engine.audit.list({ kind, key, limit: 1 });
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

import type { FlagView, Prerequisite } from '@waygate/core';
import { ListPanel, RemoveButton } from '../ui/list-panel.js';
import { Panel } from '../ui/parts.js';
import { useView } from '../ui/view.js';

interface PrerequisitesProps {
  readonly prerequisites: readonly Prerequisite[];
  readonly others: readonly FlagView[];
  readonly dependants: readonly string[];
}

/** What other flags have to resolve to before this one is looked at, and which wait for this one. */
export function PrerequisitesEditor({ prerequisites, others, dependants }: PrerequisitesProps) {
  const { links } = useView();
  return (
    <div data-list-scope>
      <ListPanel
        title="Needs first"
        noun="prerequisite"
        hint="While one of them resolves to something else, or is off, everybody gets the off variation."
        blank={<PrerequisiteRow flagKey="" variation="" />}
      >
        {prerequisites.map((prerequisite) => (
          <PrerequisiteRow key={prerequisite.flagKey} {...prerequisite} />
        ))}
      </ListPanel>
      <Panel title="Depends on this one">
        {dependants.length === 0 ? (
          <p class="hint">No other flag does.</p>
        ) : (
          <ul class="plain-list">
            {dependants.map((key) => (
              <li key={key}>
                <a href={links.flag(key)} class="path">
                  {key}
                </a>
              </li>
            ))}
          </ul>
        )}
      </Panel>
      <datalist id="flag-keys">
        {others.map(({ key }) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </div>
  );
}

function PrerequisiteRow({ flagKey, variation }: Prerequisite) {
  return (
    <div class="variation">
      <input name="prerequisite" value={flagKey} placeholder="flag" aria-label="Flag" list="flag-keys" />
      <input
        name="prerequisite_variation"
        value={variation}
        placeholder="must resolve to this variation"
        aria-label="Variation"
      />
      <span />
      <RemoveButton entry=".variation" label="Remove prerequisite" />
    </div>
  );
}

import type { ComponentChildren } from 'preact';
import { Icon } from './icon.js';
import { Panel } from './parts.js';

interface AddButtonProps {
  /** Id of the template that the page's script adds to the list of the same name. */
  readonly template: string;
  readonly children: ComponentChildren;
}

export function AddButton({ template, children }: AddButtonProps) {
  return (
    <button type="button" class="button small" data-add={template}>
      <Icon name="plus" /> {children}
    </button>
  );
}

interface RemoveButtonProps {
  /** Selects the entry around it. */
  readonly entry: string;
  readonly label: string;
}

export function RemoveButton({ entry, label }: RemoveButtonProps) {
  return (
    <button type="button" class="icon-button" data-remove={entry} aria-label={label}>
      <Icon name="close" />
    </button>
  );
}

interface ListPanelProps {
  readonly title: string;
  /** What an entry is called, e.g. `rule`. */
  readonly noun: string;
  readonly hint: string;
  /** The entry that is added. */
  readonly blank: ComponentChildren;
  /** The entries there are. */
  readonly children: ComponentChildren;
}

/** A list in a form that grows and shrinks; it stands in a `data-list-scope`. */
export function ListPanel({ title, noun, hint, blank, children }: ListPanelProps) {
  const template = `${noun}-template`;
  return (
    <>
      <Panel title={title} actions={<AddButton template={template}>{noun.charAt(0).toUpperCase() + noun.slice(1)}</AddButton>}>
        <p class="hint">{hint}</p>
        <div data-list={template}>{children}</div>
      </Panel>
      <template id={template}>{blank}</template>
    </>
  );
}

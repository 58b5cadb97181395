import type { ComponentChildren } from 'preact';
import { useView } from './view.js';
import { Icon, type IconName } from './icon.js';

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** What stands in place of a list with nothing in it: why, and the next step. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} />
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <div class="empty-text">{children}</div>}
    </div>
  );
}

interface HeadProps {
  readonly title: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** The head of a page: what it is, and what can be done with all of it. */
export function PageHead({ title, note, children }: HeadProps) {
  return (
    <header class="page-head">
      <div class="page-title">
        <h1>{title}</h1>
        {note === undefined ? null : <p>{note}</p>}
      </div>
      {children === undefined ? null : <div class="actions">{children}</div>}
    </header>
  );
}

/** Leads back to the list that a page belongs to. */
export function Crumbs({ to, children }: { readonly to: string; readonly children: string }) {
  return (
    <p class="crumbs">
      <a href={useView().links.to(to)}>{children}</a>
    </p>
  );
}

interface LiveProps {
  readonly id: string;
  readonly class?: string;
  /** Whether it shows figures of traffic, which change all the time. */
  readonly traffic?: boolean;
  readonly children: ComponentChildren;
}

/** A part of a page that is fetched anew when something changed, and every few seconds where it shows traffic. */
export function Live({ id, class: className, traffic = false, children }: LiveProps) {
  const trigger = `waygate:changed from:body${traffic ? ', waygate:traffic' : ''}`;
  return (
    <div
      id={id}
      class={className}
      data-traffic={traffic ? '' : undefined}
      hx-get=""
      hx-trigger={trigger}
      hx-select={`#${id}`}
      hx-swap="outerHTML"
    >
      {children}
    </div>
  );
}

interface DialogLinkProps {
  readonly href: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly label?: string;
}

/** Opens a form: as a dialog where there is a script, else as a page. */
export function DialogLink({ href, children, class: className = 'button', label }: DialogLinkProps) {
  return (
    <a class={className} href={href} hx-get={href} hx-target="#dialog-body" hx-push-url="false" aria-label={label}>
      {children}
    </a>
  );
}

interface PanelProps {
  readonly title?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly id?: string;
  readonly flush?: boolean;
}

export function Panel({ title, actions, children, id, flush = false }: PanelProps) {
  return (
    <section class="panel" id={id}>
      {title === undefined ? null : (
        <header class="panel-head">
          <h2>{title}</h2>
          {actions === undefined ? null : <div class="actions">{actions}</div>}
        </header>
      )}
      <div class={flush ? 'panel-flush' : 'panel-body'}>{children}</div>
    </section>
  );
}

/** A name and its value; `null` = there is nothing to say. */
export type Fact = readonly [name: string, value: ComponentChildren] | null;

export function Facts({ rows }: { readonly rows: readonly Fact[] }) {
  return (
    <dl class="facts">
      {rows.map((row) =>
        row === null ? null : (
          <div key={row[0]}>
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

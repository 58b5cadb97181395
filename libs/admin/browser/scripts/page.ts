/** The mount path with its leading slash; empty = the root. */
export const ROOT = document.querySelector<HTMLMetaElement>('meta[name="waygate-root"]')?.content ?? '';

/** An element by its id, if it is of the expected class. */
export function byId<T extends Element = HTMLElement>(id: string, type?: new () => T): T | null;
export function byId(id: string, type: new () => Element = HTMLElement): Element | null {
  const found = document.getElementById(id);
  return found instanceof type ? found : null;
}

/** The nearest element around the target of an event that matches; `null` = none does. */
export function around(event: Event, selector: string): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
}

/** The first control of a form that can take the focus. */
export const FIRST_CONTROL = 'input:not([type="hidden"]), select, textarea';

export function closeMenus(except: EventTarget | null = null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]'))
    if (!(except instanceof Node && menu.contains(except))) menu.open = false;
}

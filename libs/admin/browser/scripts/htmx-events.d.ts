/** What htmx says about an answer that is swapped into a page. */
interface HtmxAnswer {
  target: Element;
  readonly elt: Element;
  readonly requestConfig: { readonly elt: Element };
  readonly pathInfo: { readonly responsePath?: string | null; readonly finalRequestPath: string };
}

interface HtmxRequest {
  readonly verb: string;
  readonly parameters: FormData;
}

interface DocumentEventMap {
  'htmx:configRequest': CustomEvent<HtmxRequest>;
  'htmx:beforeOnLoad': CustomEvent<HtmxAnswer>;
  'htmx:beforeSwap': CustomEvent<HtmxAnswer>;
  'htmx:afterSwap': CustomEvent<HtmxAnswer>;
  'htmx:afterSettle': CustomEvent<HtmxAnswer>;
  'htmx:responseError': CustomEvent<{ readonly xhr: XMLHttpRequest }>;
  'htmx:sendError': CustomEvent;
  /** A change was made by a form of this page. */
  'waygate:done': CustomEvent;
  /** A piece of the page came, or the page itself. */
  'waygate:arrived': CustomEvent;
  /** Another theme was chosen. */
  'waygate:theme': CustomEvent;
}

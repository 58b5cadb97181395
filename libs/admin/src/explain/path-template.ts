/** A piece of a template: text as it stands, one segment or part of one, or whatever is left. */
type Token = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'param' } | { readonly kind: 'rest' };

const RANK = { text: 0, param: 1, rest: 2 } as const;
const MOST_FORMS = 16;
/** `:name`, `:name(constraint)`, `{name}`, `{name:path}`; `*`, `*name`, `(.*)`. What is optional was taken apart before. */
const TOKEN = /:(?<colon>\w+)(?:\([^()]*\))?|\{(?<brace>\w+)(?<path>:path)?(?::\w+)?\}|\*\w*|\(\.\*\)/g;
/** `{/:id}`, `{*rest}`: path-to-regexp 8; `/:id?`: Fastify. */
const OPTIONAL = /\{(?<braced>[/*:.][^{}]*)\}|(?<marked>\/:\w+)\?/;

/**
 * A path template as Express, Fastify and SDKs in other languages write it. Matching takes time in proportion to template and path, whatever
 * stands in them. Constraints on parameters are not looked at.
 */
export class PathTemplate {
  readonly #forms: readonly (readonly Token[])[];

  constructor(template: string) {
    this.#forms = formsOf(template).map(tokensOf);
  }

  /** @param path decoded, without a slash at its end */
  matches(path: string): boolean {
    return this.#forms.some((tokens) => matches(tokens, path));
  }

  /** Negative = this template says more exactly than another what it is for. */
  compare(other: PathTemplate): number {
    const [own = [], theirs = []] = [this.#forms[0], other.#forms[0]];
    for (let i = 0; i < Math.max(own.length, theirs.length); i++) {
      const [a, b] = [own[i], theirs[i]];
      if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
      if (a.kind !== b.kind) return RANK[a.kind] - RANK[b.kind];
      if (a.kind === 'text' && b.kind === 'text' && a.text !== b.text) return b.text.length - a.text.length;
    }
    return 0;
  }
}

/** The template with and without each of its optional parts; the longest first. */
function formsOf(template: string): readonly string[] {
  let forms = [template];
  while (forms.length <= MOST_FORMS / 2 && forms.some((form) => OPTIONAL.test(form)))
    forms = forms.flatMap((form) => {
      const found = OPTIONAL.exec(form);
      if (found === null) return [form];
      const part = found.groups?.['braced'] ?? found.groups?.['marked'] ?? '';
      const [before, after] = [form.slice(0, found.index), form.slice(found.index + found[0].length)];
      return [before + part + after, before + after];
    });
  return [...new Set(forms.map((form) => (form.length > 1 ? form.replace(/\/+$/, '') : form) || '/'))];
}

function tokensOf(form: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of form.matchAll(TOKEN)) {
    if (match.index > end) tokens.push({ kind: 'text', text: form.slice(end, match.index) });
    const named = match.groups?.['colon'] !== undefined || match.groups?.['brace'] !== undefined;
    tokens.push({ kind: named && match.groups?.['path'] === undefined ? 'param' : 'rest' });
    end = match.index + match[0].length;
  }
  if (end < form.length) tokens.push({ kind: 'text', text: form.slice(end) });
  return tokens;
}

/** Keeps all places of the path that the tokens so far can end at. */
function matches(tokens: readonly Token[], path: string): boolean {
  let ends = new Uint8Array(path.length + 1);
  ends[0] = 1;
  for (const token of tokens) {
    const next = new Uint8Array(path.length + 1);
    if (token.kind === 'text') {
      for (let i = 0; i <= path.length; i++) if (ends[i] === 1 && path.startsWith(token.text, i)) next[i + token.text.length] = 1;
    } else {
      let open = false;
      for (let i = 0; i <= path.length; i++) {
        if (open) next[i] = 1;
        open = (open || ends[i] === 1) && (token.kind === 'rest' || path[i] !== '/');
      }
    }
    ends = next;
  }
  return ends[path.length] === 1;
}

const FLAG_KEY = 'Key of a flag.';

/** What parameters mean, by name; below a path, by path and name. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  action: 'Name of an audit action, e.g. `maintenance_on`.',
  actor: 'Who did it.',
  after: 'How long it must have been so, e.g. `7d`. Default a week.',
  caller: 'Key of the caller that was refused.',
  change: 'Id of a planned change.',
  cursor: 'From the page before.',
  epoch: 'Which store the revision in `since` is of, as the records say.',
  flag: FLAG_KEY,
  format: '`jsonl` (default) or `csv`.',
  from: 'Number of a revision.',
  id: 'Id, as the list says.',
  'If-Match': 'Revision the record must be at, e.g. `"12"`; else 412.',
  'If-None-Match': '`ETag` of an earlier answer; 304 while it is the same.',
  key: 'base64url of the UTF-8 of a route key, e.g. of `GET:/payments`.',
  '/api/flags/ key': FLAG_KEY,
  '/api/flags/evaluations key': 'Targeting key.',
  '/api/segments/ key': 'Key of a segment.',
  '/api/sdk/ key': 'Key of a record.',
  kind: 'Kind of a record, e.g. `route`.',
  limit: '1 to 1000; default 50.',
  method: 'HTTP method. Default: all.',
  minutes: '1 to 60; default 60.',
  q: 'Part of the key or the name, in any case.',
  revision: 'Number of a revision.',
  route: 'A route key.',
  rule: 'Id of a rule.',
  service: 'Name of a service.',
  since: 'From this moment on, ISO 8601.',
  '/api/sdk/records/ since': 'Number of the revision that is known.',
  state: '`pending`, `claimed`, `delivered` or `dead`.',
  status: '`new`, `active`, `launched`, `inactive`, `deprecated` or `archived`.',
  tag: 'Only what has this tag.',
  to: 'Number of a revision. Default: the last.',
  type: '`boolean`, `string`, `integer`, `float` or `json`.',
  until: 'Before this moment, ISO 8601.',
  variation: 'Name of a variation.',
  webhook: 'Key of a webhook.',
  'X-Waygate-App-Id': 'Service that the caller is part of. Default: what the token is bound to.',
};

/** @throws {Error} when nothing says what it means: the document would not be enough to use the API */
export function describeParameter(name: string, place: 'path' | 'query' | 'header', path: string): object {
  const [below] = Object.keys(DESCRIPTIONS)
    .filter((key) => key.endsWith(` ${name}`) && path.startsWith(key.slice(0, -name.length - 1)))
    .toSorted((a, b) => b.length - a.length);
  const description = DESCRIPTIONS[below ?? name];
  if (description === undefined) throw new Error(`Nothing says what the parameter '${name}' of ${path} means.`);
  return { name, in: place, required: place === 'path', description, schema: { type: 'string' } };
}

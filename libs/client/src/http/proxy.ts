import { ClientConfigurationError } from './errors.js';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The proxy a URL goes through by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (lower case first, as curl reads them); `null` = direct.
 * `NO_PROXY` is a comma-separated list of hosts, domains (`.example.com`, `example.com` and all below), `host:port`, or `*`.
 */
export function proxyFor(url: URL, variables: Variables = process.env): URL | null {
  const value = url.protocol === 'https:' ? read(variables, 'https_proxy') : read(variables, 'http_proxy');
  if (value === undefined || bypassed(url, read(variables, 'no_proxy') ?? '')) return null;
  const address = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(address) ? new URL(address) : null;
  if (proxy === null || proxy.protocol !== 'http:')
    throw new ClientConfigurationError(`The proxy '${value}' cannot be used: give an address such as http://proxy.example:3128`);
  return proxy;
}

/** `Proxy-Authorization` of a proxy URL with user and password. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function read(variables: Variables, name: string): string | undefined {
  const value = variables[name] ?? variables[name.toUpperCase()];
  return value === '' ? undefined : value;
}

function bypassed(url: URL, list: string): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const host = url.hostname.toLowerCase();
  return list.split(',').some((item) => {
    const entry = item.trim().toLowerCase();
    if (entry === '') return false;
    if (entry === '*') return true;
    const [, name = entry, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    if (wantedPort !== undefined && wantedPort !== port) return false;
    const domain = name.replace(/^\*?\./, '');
    return host === domain || host.endsWith(`.${domain}`);
  });
}

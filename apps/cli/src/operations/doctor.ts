import { statSync } from 'node:fs';
import { ApiError, UnauthorizedError, WaygateClientError, type WaygateClient } from '@waygate/client';
import { errorMessage } from '@waygate/core/native-errors';
import type { Cli } from '../command/cli.js';
import { EXIT } from '../terminal/failure.js';
import { green, red, yellow } from '../terminal/style.js';
import { maintenanceInEffect } from '../routes/effective.js';
import { relativeTo, spell } from '../terminal/time.js';
import { VERSION } from '../command/version.js';

interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'failed';
  readonly detail: string;
}

const MARKS = { ok: green('✓'), warning: yellow('!'), failed: red('✗') };
/** Longer than a slow answer takes, shorter than what makes windows visibly wrong. */
const MOST_SKEW_SECONDS = 5;

export async function doctor(cli: Cli): Promise<void> {
  const findings: Finding[] = [
    { check: 'version', verdict: 'ok', detail: `waygate ${VERSION}, Node ${process.versions.node}` },
    configFinding(cli),
    { check: 'address', verdict: 'ok', detail: `${cli.settings.url} (${cli.settings.urlSource})` },
  ];
  const client = await cli.client();
  const reached = await signInFindings(cli, client);
  findings.push(...reached.findings);
  if (reached.signedIn)
    findings.push(...(await Promise.all([stateFinding(client), maintenanceFinding(client), instancesFinding(client)])));
  cli.out.value({ ok: findings.every(({ verdict }) => verdict !== 'failed'), findings });
  for (const { check, verdict, detail } of findings) cli.out.say`${MARKS[verdict]} ${check}: ${detail}`;
  if (findings.some(({ verdict }) => verdict === 'failed')) process.exitCode = EXIT.failure;
}

function configFinding({ settings }: Cli): Finding {
  const { path } = settings.configFile;
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return { check: 'configuration', verdict: 'ok', detail: `${path} does not exist yet` };
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    return { check: 'configuration', verdict: 'warning', detail: `${path} can be read by others; run: chmod 600 ${path}` };
  return { check: 'configuration', verdict: 'ok', detail: path };
}

async function signInFindings(cli: Cli, client: WaygateClient) {
  const started = performance.now();
  try {
    const me = await client.auth.me();
    return {
      signedIn: true,
      findings: [reachable(started), clock(cli), { check: 'sign-in', verdict: 'ok', detail: whoOf(cli, me) } as const],
    };
  } catch (error) {
    if (error instanceof UnauthorizedError) {
      const detail = 'nobody is signed in; run: waygate login <username>';
      return {
        signedIn: false,
        findings: [reachable(started), clock(cli), { check: 'sign-in', verdict: 'failed', detail } as const],
      };
    }
    if (error instanceof ApiError && error.status === 404) {
      const detail = 'no Waygate is at this address; does it end with the prefix it is mounted at, such as /waygate?';
      return { signedIn: false, findings: [{ check: 'server', verdict: 'failed', detail } as const] };
    }
    const detail = error instanceof WaygateClientError ? error.message : String(error);
    const check = error instanceof ApiError ? 'sign-in' : 'server';
    return { signedIn: false, findings: [{ check, verdict: 'failed', detail } as const] };
  }
}

function whoOf({ settings }: Cli, { username, role }: { readonly username: string; readonly role?: string }): string {
  const expires = settings.config.auth?.expires_at;
  const until = expires === undefined || settings.token === null ? '' : `, the token ends ${relativeTo(expires)}`;
  return `${username}${role === undefined ? '' : ` (${role})`}${until}`;
}

function reachable(started: number): Finding {
  return { check: 'server', verdict: 'ok', detail: `answered in ${Math.round(performance.now() - started)} ms` };
}

function clock(cli: Cli): Finding {
  const skew = cli.clockSkewMs();
  if (skew === null) return { check: 'clock', verdict: 'warning', detail: 'the server does not say what time it is' };
  // The header has whole seconds.
  const seconds = Math.max(0, Math.round(Math.abs(skew) / 1000) - 1);
  if (seconds <= MOST_SKEW_SECONDS) return { check: 'clock', verdict: 'ok', detail: 'agrees with the server' };
  const direction = skew > 0 ? 'behind' : 'ahead of';
  return { check: 'clock', verdict: 'warning', detail: `this machine is ${spell(seconds)} ${direction} the server` };
}

async function stateFinding(client: WaygateClient): Promise<Finding> {
  try {
    const { status, reason, reasons, revision } = await client.operations.health();
    if (status !== 'ready') return { check: 'state', verdict: 'failed', detail: `${status}: ${reason || 'no reason given'}` };
    if (reasons.length > 0) return { check: 'state', verdict: 'warning', detail: reasons.join('; ') };
    return { check: 'state', verdict: 'ok', detail: `revision ${revision} is what the store holds` };
  } catch (error) {
    return notTold('state', error);
  }
}

async function maintenanceFinding(client: WaygateClient): Promise<Finding> {
  const check = 'maintenance';
  try {
    const down = await maintenanceInEffect(client);
    if (down.length === 0) return { check, verdict: 'ok', detail: 'neither everything nor a service is in maintenance' };
    const details = down.map(
      ({ service, reason }) => `${service ?? 'everything'} is in maintenance${reason === '' ? '' : ` (${reason})`}`,
    );
    return { check, verdict: 'warning', detail: details.join('; ') };
  } catch (error) {
    return notTold(check, error);
  }
}

async function instancesFinding(client: WaygateClient): Promise<Finding> {
  try {
    const { instances, revision } = await client.operations.instances();
    const gone = instances.filter(({ stale }) => stale);
    const lagging = instances.filter((instance) => !instance.stale && instance.revision < revision);
    const details = [
      ...(gone.length === 0 ? [] : [`gone: ${gone.map(({ id, last_seen: seen }) => `${id} (${relativeTo(seen)})`).join(', ')}`]),
      ...(lagging.length === 0 ? [] : [`behind revision ${revision}: ${lagging.map(({ id }) => id).join(', ')}`]),
    ];
    if (details.length > 0) return { check: 'instances', verdict: 'warning', detail: details.join('; ') };
    const all = instances.length === 0 ? 'none follow this server' : `${instances.length}, all at revision ${revision}`;
    return { check: 'instances', verdict: 'ok', detail: all };
  } catch (error) {
    return notTold('instances', error);
  }
}

/** Other servers of this protocol do not tell. */
function notTold(check: string, error: unknown): Finding {
  if (error instanceof ApiError && error.status === 404) return { check, verdict: 'ok', detail: 'this server does not tell' };
  return { check, verdict: 'warning', detail: errorMessage(error) };
}

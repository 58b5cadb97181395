import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { ConfigurationError, WaygateEngine } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { makeStores } from './backend/make-stores.js';
import { Gate } from './logging/gate.js';
import { logRequests } from './logging/log-requests.js';
import type { JsonLogger } from './logging/json-logger.js';
import { describeBackend } from './settings/backend-address.js';
import type { Settings } from './settings/settings.js';
import { WaygateServerModule, type WaygateServerOptions } from './waygate-server.module.js';

export interface RunningServer {
  readonly url: string;
  /** Says that it is not ready, ends streams, finishes requests, and closes the backend; within 5 s. */
  stop(): Promise<void>;
}

/** When requests that go on are broken off, in ms after the stop began. */
const PATIENCE_MS = 4_500;

/** @throws {ConfigurationError} and whatever keeps the backend or the port from being opened */
export async function startServer(settings: Settings, logger: JsonLogger): Promise<RunningServer> {
  tellWarnings(logger);
  const options = await serverOptions(settings);
  const tls = readTls(settings);
  const app = await NestFactory.create<NestExpressApplication>(WaygateServerModule.forRoot(options), new ExpressAdapter(), {
    logger,
    abortOnError: false,
    bodyParser: false,
    ...(tls === null ? {} : { httpsOptions: tls }),
  });
  trustProxies(app, settings['trusted-proxies']);
  const server = app.getHttpServer();
  const gate = new Gate();
  logRequests(server, logger, gate);
  try {
    await app.listen(settings.port, settings.host);
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const url = `${tls === null ? 'http' : 'https'}://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
  const { status } = app.get(WaygateEngine).health;
  logger.event('info', 'listening', { url, port, backend: describeBackend(settings.backend), state: status });
  adviseOn(settings, logger);
  return { url, stop: () => stop(app, server, gate, settings.drain, logger) };
}

async function serverOptions(settings: Settings): Promise<WaygateServerOptions> {
  const { snapshot, user, auth, webhook } = settings;
  const { 'token-expiry': tokenExpiry, 'sdk-token-expiry': sdkTokenExpiry, 'secret-key': secretKey } = settings;
  const auditMaxAge = settings['audit-max-age'];
  return {
    ...(await makeStores(settings)),
    auth: auth ?? user,
    allowInsecure: settings['allow-insecure'],
    hosts: settings['host-names'],
    ...(snapshot === undefined ? {} : { snapshotPath: snapshot }),
    ...(auditMaxAge === undefined ? {} : { auditMaxAge }),
    ...(secretKey === undefined ? {} : { secretKey }),
    ...(tokenExpiry === undefined ? {} : { tokenExpiry }),
    ...(sdkTokenExpiry === undefined ? {} : { sdkTokenExpiry }),
    webhooks: { declared: webhook, allow: settings['webhook-allow'] },
  };
}

function readTls(settings: Settings): { cert: Buffer; key: Buffer } | null {
  const [cert, key] = [settings['tls-cert'], settings['tls-key']];
  if (cert === undefined || key === undefined) return null;
  const read = (name: string, path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ConfigurationError(`${name}: ${errorMessage(error)}.`, { cause: error });
    }
  };
  return { cert: read('tls-cert', cert), key: read('tls-key', key) };
}

function trustProxies(app: NestExpressApplication, proxies: readonly string[]): void {
  if (proxies.length === 0) return;
  try {
    app.set('trust proxy', [...proxies]);
  } catch (error) {
    throw new ConfigurationError(`trusted-proxies: ${errorMessage(error)}.`, { cause: error });
  }
}

/** What an operator should hear of although it is no error. */
function adviseOn(settings: Settings, logger: JsonLogger): void {
  const { auth, backend } = settings;
  if (auth === 'none') logger.warn("auth is 'none': everybody who reaches this server may change everything", 'WaygateServer');
  else if (settings['secret-key'] === undefined)
    logger.warn(
      backend.kind === 'redis' || backend.kind === 'server'
        ? 'No secret-key: sessions made here are not valid on other nodes, and end with this process'
        : 'No secret-key: sessions end with this process',
      'WaygateServer',
    );
}

/** Warnings of the process become lines like all others. */
function tellWarnings(logger: JsonLogger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => logger.warn(`${name}: ${message}`, 'Node'));
}

async function stop(app: NestExpressApplication, server: Server, gate: Gate, drainMs: number, logger: JsonLogger): Promise<void> {
  const began = performance.now();
  gate.close();
  logger.event('info', 'stopping', {});
  await new Promise((resolve) => setTimeout(resolve, drainMs));
  const deadline = setTimeout(() => server.closeAllConnections(), PATIENCE_MS - drainMs);
  await app.close();
  clearTimeout(deadline);
  logger.event('info', 'stopped', { ms: Math.round(performance.now() - began) });
}

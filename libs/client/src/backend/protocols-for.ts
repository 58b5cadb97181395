import { PythonProtocol } from '../python/python-protocol.js';
import { defaultInstanceId } from '../records/instance-reports.js';
import { RecordsProtocol } from '../records/records-protocol.js';
import type { Protocol } from '../server/protocol.js';
import type { ServerConnection } from '../server/server-connection.js';

type CreateProtocol = () => Protocol;

interface ProtocolOptions {
  readonly appId?: string | undefined;
  readonly instanceId?: string | undefined;
  readonly version?: string | undefined;
  readonly reconnectDelay: number;
  readonly flagsInterval: number;
}

/**
 * The protocols that a server may speak, in the order to try them. A Python server knows one service at a time, so it is an option only
 * for a process that names its service.
 */
export function protocolsFor(
  connection: ServerConnection,
  options: ProtocolOptions,
): readonly [CreateProtocol, ...CreateProtocol[]] {
  const { appId, instanceId, version = process.env['npm_package_version'], reconnectDelay, flagsInterval } = options;
  const instance = { id: instanceId ?? defaultInstanceId(), version: version ?? null };
  const records = () => new RecordsProtocol(connection, { instance, reconnectDelay });
  if (appId === undefined) return [records];
  return [records, () => new PythonProtocol(connection, { service: appId, reconnectDelay, flagsInterval })];
}

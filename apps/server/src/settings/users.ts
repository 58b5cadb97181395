import type { AdminUser } from '@waygate/admin';
import { SettingError } from './setting.js';

const ROLES = ['viewer', 'operator', 'admin'] as const;

/**
 * Reads `name:password` or `name:password:role`, or an object with these members and `services`. A password may hold colons; one that
 * ends like a role needs the role behind it.
 */
export function readUser(given: unknown): AdminUser {
  if (typeof given === 'object' && given !== null) return readObject(given as Record<string, unknown>);
  const line = typeof given === 'string' ? given : '';
  const colon = line.indexOf(':');
  if (colon < 1 || colon === line.length - 1) throw new SettingError('must be name:password or name:password:role');
  const username = line.slice(0, colon);
  const rest = line.slice(colon + 1);
  const role = ROLES.find((one) => rest.endsWith(`:${one}`));
  const password = role === undefined ? rest : rest.slice(0, -role.length - 1);
  if (password === '') throw new SettingError(`the password of '${username}' is empty`);
  return { username, password, role: role ?? 'admin' };
}

/** The same in a file, where no password stands in plain: files are copied, shared and kept. */
export function readStoredUser(given: unknown): AdminUser {
  const user = readUser(given);
  if (/^\$?scrypt\$/.test(user.password)) return user;
  throw new SettingError(
    `the password of '${user.username}' is in plain text; a file holds what 'waygate users hash-password' makes of it, and WAYGATE_USERS may hold it in plain`,
  );
}

function readObject({ name, password, role = 'admin', services, ...more }: Record<string, unknown>): AdminUser {
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) throw new SettingError(`a user has no '${unknown}': use name, password, role, services`);
  const known = ROLES.find((one) => one === role);
  if (typeof name !== 'string' || name === '') throw new SettingError("a user needs a 'name'");
  if (typeof password !== 'string' || password === '') throw new SettingError(`the user '${name}' needs a 'password', as text`);
  if (known === undefined) throw new SettingError(`the role of '${name}' must be one of ${ROLES.join(', ')}`);
  if (services !== undefined && !(Array.isArray(services) && services.every((one) => typeof one === 'string')))
    throw new SettingError(`the services of '${name}' must be a list of names`);
  return { username: name, password, role: known, ...(services === undefined ? {} : { services: services }) };
}

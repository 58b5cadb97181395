import { randomBytes, scrypt } from 'node:crypto';
import type { Input } from '../command/input.js';
import type { Cli } from '../command/cli.js';
import { CliFailure, UsageFailure } from '../terminal/failure.js';
import { askSecret, canAsk, readStandardInput } from '../terminal/prompt.js';

/** About 0.4 s and 128 MB for one attempt: 2^ln · r · 128 bytes. */
const COST = { ln: 17, r: 8, p: 1 };
const KEY_BYTES = 32;

export async function hashPasswordCommand({ out }: Cli, input: Input): Promise<void> {
  const hash = await hashPassword(await passwordOf(input));
  out.say`${hash}`;
  out.value({ hash });
}

/** `scrypt$ln=17,r=8,p=1$<salt>$<hash>`, as the server's `auth` takes it in place of a password. */
async function hashPassword(password: string): Promise<string> {
  const { ln, r, p } = COST;
  const salt = randomBytes(16);
  const key = await new Promise<Buffer>((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r }, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    ),
  );
  return `scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
}

async function passwordOf(input: Input): Promise<string> {
  if (input.flag('passwordStdin')) return notEmpty(await readStandardInput());
  if (!canAsk()) throw new UsageFailure('the password is asked for on a terminal only; else give --password-stdin');
  const password = notEmpty(await askSecret('Password:'));
  if ((await askSecret('Again:')) !== password) throw new CliFailure('The two differ.');
  return password;
}

function notEmpty(password: string): string {
  if (password === '') throw new CliFailure('The password is empty.');
  return password;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

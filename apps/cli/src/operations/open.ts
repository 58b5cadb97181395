import { spawn } from 'node:child_process';
import type { Cli } from '../command/cli.js';

/** Opens the address the server is mounted at; where nothing can be opened, it is printed. */
export async function open({ out, settings }: Cli): Promise<void> {
  const url = `${settings.url}/`;
  const opened = !out.json && out.isTerminal && (await start(url));
  if (opened) out.say`Opened ${url}`;
  else out.say`${url}`;
  out.value({ url });
}

function start(url: string): Promise<boolean> {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open', url] : process.platform === 'win32' ? ['explorer.exe', url] : ['xdg-open', url];
  return new Promise((resolve) => {
    const child = spawn(command ?? '', args, { stdio: 'ignore', detached: true });
    child.on('error', () => resolve(false));
    child.on('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

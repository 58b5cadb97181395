import type { Setting } from './setting.js';
import { DEFAULT_FILE } from './read-command-line.js';
import { SETTINGS } from './settings.js';

const WIDTH = 92;
const INDENT = 6;

/** Everything there is to know about the command line. */
export function helpText(): string {
  const settings = Object.values<Setting<unknown>>(SETTINGS).map((setting) => describe(setting));
  return `waygate-server: one Waygate control plane for many services

Usage: waygate-server [options]

  waygate-server --user admin:secret
  waygate-server --backend redis://localhost:6379 --port 9000 --secret-key "$KEY"
  waygate-server --backend https://waygate.example --backend-token "$TOKEN" --user admin:secret

Each option can be set by flag, by environment variable, or in a file; the first of these wins.

Options:
${settings.join('\n')}
  -c, --config PATH  (WAYGATE_CONFIG)
${wrapped(`File with options, one 'name: value' a line. Default ${DEFAULT_FILE} in the working directory, where it is there.`)}
  -h, --help
  -v, --version

Health: GET /api/health/live, /api/health/ready. Stop: SIGTERM or SIGINT, within 5 s; a second one at once.
Exit status: 0 stopped, 1 could not start or go on, 2 wrong options.
`;
}

function describe({ name, short, variable, value, many = false, help }: Setting<unknown>): string {
  const flag = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === null ? '' : ` ${value}`}`;
  return `  ${flag}${many ? ' …' : ''}${variable === null ? '' : `  (${variable})`}\n${wrapped(help)}`;
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && INDENT + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => ' '.repeat(INDENT) + one).join('\n');
}

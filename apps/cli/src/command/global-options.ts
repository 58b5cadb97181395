import type { OptionSpec } from './spec.js';

/** Every command takes these. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { syntax: '--json', about: 'print the result as JSON' },
  { syntax: '--url <url>', about: 'the server, its prefix included; else WAYGATE_SERVER_URL, .waygate, the configuration file' },
  { syntax: '--ca <file>', about: 'trust the certificate authority in this PEM file as well; else WAYGATE_CA' },
  { syntax: '--timeout <seconds>', about: 'wait this long for an answer', default: '30' },
  { syntax: '--no-color', about: 'no colours; so does the variable NO_COLOR' },
];

/** Commands that change something take this. */
export const WAIT_OPTION: OptionSpec = {
  syntax: '--wait [seconds]',
  about: 'return when every instance has applied the change; exit 4 if one has not after 30 seconds, or those given',
};

#!/usr/bin/env node
import 'reflect-metadata';
import { createRequire } from 'node:module';
import { ConfigurationError } from '@waygate/core';
import { errorMessage } from '@waygate/core/native-errors';
import { helpText } from './settings/help-text.js';
import { readCommandLine, type CommandLine } from './settings/read-command-line.js';

/** The process ends by then, whatever still goes on. */
const STOP_WITHIN_MS = 5_000;

function commandLine(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(2), process.env, process.cwd());
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`Error: ${error.message}\n`);
    process.exit(2);
  }
}

const command = commandLine();
if (command.kind === 'help') process.stdout.write(helpText());
else if (command.kind === 'version') {
  const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
  process.stdout.write(`${version}\n`);
} else {
  const { JsonLogger } = await import('./logging/json-logger.js');
  const { startServer } = await import('./start-server.js');
  const logger = new JsonLogger(command.settings['log-level']);
  try {
    const server = await startServer(command.settings, logger);
    let isStopping = false;
    const stop = () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
      server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error(errorMessage(error), 'WaygateServer');
          process.exit(1);
        },
      );
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  } catch (error) {
    process.stderr.write(`Error: ${errorMessage(error)}\n`);
    process.exit(error instanceof ConfigurationError ? 2 : 1);
  }
}

import { Logger, type LoggerService } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { startQuietly } from './start-quietly.js';

afterEach(() => Logger.overrideLogger(true));

function listener(): { readonly told: unknown[]; readonly logger: LoggerService } {
  const told: unknown[] = [];
  const keep = (message: unknown) => told.push(message);
  return { told, logger: { log: keep, warn: keep, error: keep } };
}

describe('a start within another one', () => {
  it('tells none of its steps, and all else', async () => {
    const { told, logger } = listener();
    Logger.overrideLogger(logger);
    await startQuietly(async () => {
      new Logger('RouterExplorer').log('a step');
      new Logger('RouterExplorer').warn('a warning');
      new Logger('Shop').log('something of the app');
    });
    new Logger('RouterExplorer').log('a step of the app');
    expect(told).toEqual(['a warning', 'something of the app', 'a step of the app']);
  });

  it.each([
    ['first', 0],
    ['last', 1],
  ])('leaves the logger as it was where two overlap and the one that began first ends %s', async (_when, order) => {
    const { told, logger } = listener();
    Logger.overrideLogger(logger);
    const ends: (() => void)[] = [];
    const starts = [0, 1].map(() => startQuietly(() => new Promise<void>((resolve) => ends.push(resolve))));
    for (const index of order === 0 ? [0, 1] : [1, 0]) {
      ends[index]?.();
      await starts[index];
    }
    new Logger('RouterExplorer').log('a step of a third app');
    expect(told).toEqual(['a step of a third app']);
  });

  it('loses nothing that one app says after the start of another, whose log was held back, is over', async () => {
    const { told, logger } = listener();
    Logger.overrideLogger(logger);
    Logger.attachBuffer();
    const ends: (() => void)[] = [];
    const [first, second] = [0, 1].map(() => startQuietly(() => new Promise<void>((resolve) => ends.push(resolve))));
    new Logger('Shop').log('held back');
    ends[0]?.();
    await first;
    Logger.flush();
    new Logger('Shop').log('later');
    ends[1]?.();
    await second;
    expect(told).toEqual(['held back', 'later']);
  });

  it('keeps another logger that the app was given meanwhile', async () => {
    const [before, meant] = [listener(), listener()];
    Logger.overrideLogger(before.logger);
    await startQuietly(async () => Logger.overrideLogger(meant.logger));
    new Logger('Shop').log('later');
    expect([before.told, meant.told]).toEqual([[], ['later']]);
  });
});

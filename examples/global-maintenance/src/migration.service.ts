import { setTimeout as wait } from 'node:timers/promises';
import { ConflictException, Injectable, Logger } from '@nestjs/common';
import { WaygateEngine } from '@waygate/nestjs';

@Injectable()
export class Migration {
  readonly #logger = new Logger(Migration.name);
  isRunning = false;

  constructor(private readonly engine: WaygateEngine) {}

  /** Resolves when everything is down; the work goes on. */
  async begin(): Promise<void> {
    if (this.isRunning) throw new ConflictException('It runs already');
    this.isRunning = true;
    await this.engine.maintenance.enable({
      reason: 'Orders are being moved',
      exempt: ['GET:/status'],
      actor: 'migration',
      // Should this process die meanwhile, nobody has to remember to open again.
      expiresIn: '1h',
    });
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      await wait(Number(process.env['MIGRATION_MS'] ?? 5_000));
    } finally {
      this.isRunning = false;
      await this.engine.maintenance
        .disable({ actor: 'migration' })
        .catch((error: unknown) => this.#logger.error('Still in maintenance', error));
    }
  }
}

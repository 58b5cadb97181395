import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { WaygateEngine } from '@waygate/nestjs';
import { FLAGS, SEGMENTS } from './flags.js';

/** Writes what is not there yet; what operators changed since stays as it is. */
@Injectable()
export class FlagSetup implements OnApplicationBootstrap {
  constructor(private readonly engine: WaygateEngine) {}

  async onApplicationBootstrap(): Promise<void> {
    const segments = new Set((await this.engine.segments.list()).map(({ key }) => key));
    for (const segment of SEGMENTS) if (!segments.has(segment.key)) await this.engine.segments.create(segment);
    const flags = new Set((await this.engine.flags.list()).map(({ key }) => key));
    for (const flag of FLAGS) if (!flags.has(flag.key)) await this.engine.flags.create(flag);
  }
}

import { Controller, Get } from '@nestjs/common';
import { WaygateEngine } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { Who } from '../http/who.decorator.js';
import { wireTime } from '../http/wire-time.js';
import { Instances } from './instances.js';

/** Which processes follow this server, and how far they are. */
@Controller('api/instances')
export class InstancesController {
  constructor(
    private readonly engine: WaygateEngine,
    private readonly instances: Instances,
  ) {}

  /** Those that this server knows; another one on the same store knows its own. */
  @Get()
  @Requires('viewer', 'filtered')
  list(@Who() who: Principal): object {
    const instances = this.instances
      .list()
      .filter(({ service }) => who.covers(service))
      .map(({ id, service, version, revision, lastSeen, isConnected }) => ({
        id,
        service,
        version,
        revision,
        last_seen: wireTime(new Date(lastSeen).toISOString()),
        connected: isConnected,
        stale: !isConnected,
      }));
    return { revision: this.engine.revision, instances };
  }
}

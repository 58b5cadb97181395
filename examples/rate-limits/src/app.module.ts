import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { AlgorithmsController } from './algorithms.controller.js';
import { FeaturesController } from './features.controller.js';
import { KeysController } from './keys.controller.js';

@Module({
  imports: [
    WaygateModule.forRoot({
      // A real app reads this from its own authentication; here the caller says who it is.
      identify: ({ headers }: { headers: Record<string, string | undefined> }) => ({
        user: headers['x-user'] ?? null,
        apiKey: headers['x-api-key'] ?? null,
        plan: headers['x-plan'] ?? null,
        roles: headers['x-role'] === undefined ? [] : [headers['x-role']],
        attributes: { region: headers['x-region'] },
      }),
      headers: 'both',
    }),
  ],
  controllers: [AlgorithmsController, KeysController, FeaturesController],
})
export class AppModule {}

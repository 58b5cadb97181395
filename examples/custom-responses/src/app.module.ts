import { Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { ClosedController } from './closed.controller.js';

@Module({
  imports: [
    WaygateModule.forRoot({
      // For every route that says nothing of its own.
      responses: {
        maintenance: ({ body, route }) => ({ closed: true, route, because: body.error.reason }),
      },
    }),
  ],
  controllers: [ClosedController],
})
export class AppModule {}

import { Module } from '@nestjs/common';
import { WaygateServerModule } from '@waygate/server';

/** Who may sign in, people and services alike. A real one reads it from its environment. */
export const USER = { username: 'admin', password: 'only for this example' };

@Module({ imports: [WaygateServerModule.forRoot({ auth: USER })] })
export class ControlPlaneModule {}

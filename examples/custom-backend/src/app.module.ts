import { Controller, Get, Module } from '@nestjs/common';
import { WaygateModule } from '@waygate/nestjs';
import { SqliteBackend } from './sqlite-backend.js';

@Controller('payments')
class PaymentsController {
  @Get()
  list() {
    return { payments: ['p-1', 'p-2'] };
  }
}

/** @param file where SQLite keeps the state */
export function appModule(file: string): new () => object {
  @Module({
    imports: [WaygateModule.forRoot({ backend: new SqliteBackend(file) })],
    controllers: [PaymentsController],
  })
  class AppModule {}
  return AppModule;
}

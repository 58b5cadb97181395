import { Controller, Get } from '@nestjs/common';
import { Disabled } from '@waygate/nestjs';

@Controller('catalogue')
export class CatalogueController {
  /** Declared, but nobody enforces it here. */
  @Disabled({ reason: 'Stocktaking' })
  @Get()
  list() {
    return ['c-1'];
  }
}

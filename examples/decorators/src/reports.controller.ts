import { Controller, Get } from '@nestjs/common';
import { ForceActive, Maintenance } from '@waygate/nestjs';

/** On a controller a decorator holds for all of its routes; what a method says wins. */
@Controller('reports')
@Maintenance({ reason: 'The warehouse is being rebuilt' })
export class ReportsController {
  @Get('daily')
  daily() {
    return ['r-1'];
  }

  @Get('status')
  @ForceActive()
  status() {
    return { rebuilt: '40 %' };
  }
}

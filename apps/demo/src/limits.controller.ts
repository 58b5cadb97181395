import { Controller, Get } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RateLimit } from '@waygate/nestjs';

/** One route for each thing `@RateLimit` can do. */
@ApiTags('limits')
@Controller('limits')
export class LimitsController {
  @Get('basic')
  @RateLimit('5/minute')
  @ApiOperation({ summary: 'Five a minute and address, in a fixed window' })
  basic(): { ok: boolean } {
    return { ok: true };
  }

  @Get('several')
  @RateLimit('2/second', { name: 'burst' })
  @RateLimit('20/minute', { name: 'steady', algorithm: 'token_bucket' })
  @ApiOperation({ summary: 'Two a second and twenty a minute: both hold' })
  several(): { ok: boolean } {
    return { ok: true };
  }

  @Get('moving')
  @RateLimit('5/minute', { algorithm: 'moving_window' })
  @ApiOperation({ summary: 'Never more than five in any minute' })
  moving(): { ok: boolean } {
    return { ok: true };
  }

  @Get('keyed')
  @RateLimit('3/minute', { key: 'api_key' })
  @ApiHeader({ name: 'X-API-Key', required: false })
  @ApiOperation({ summary: 'Three a minute and API key; by address without one' })
  keyed(): { ok: boolean } {
    return { ok: true };
  }

  @Get('tiers')
  @RateLimit({ free: '2/minute', pro: '10/minute', enterprise: 'unlimited' }, { key: 'ip' })
  @ApiHeader({ name: 'X-Plan', required: false, description: 'free, pro or enterprise' })
  @ApiOperation({ summary: 'By plan: two, ten, or as many as you like' })
  tiers(): { ok: boolean } {
    return { ok: true };
  }

  @Get('shadow')
  @RateLimit('1/minute', { mode: 'shadow' })
  @ApiOperation({ summary: 'Counts and records, refuses nobody' })
  shadow(): { ok: boolean } {
    return { ok: true };
  }

  @Get('custom-answer')
  @RateLimit('1/minute', { response: 'Slow down, please.\n' })
  @ApiOperation({ summary: 'Refuses in its own words' })
  customAnswer(): { ok: boolean } {
    return { ok: true };
  }
}

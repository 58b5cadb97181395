import { Controller, Get } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RateLimit } from '@waygate/nestjs';

interface DemoRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

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

  @Get('sliding')
  @RateLimit('5/minute', { algorithm: 'sliding_window' })
  @ApiOperation({ summary: 'Five a minute, the last minute weighed by its overlap' })
  sliding(): { ok: boolean } {
    return { ok: true };
  }

  @Get('moving')
  @RateLimit('5/minute', { algorithm: 'moving_window' })
  @ApiOperation({ summary: 'Never more than five in any minute' })
  moving(): { ok: boolean } {
    return { ok: true };
  }

  @Get('bucket')
  @RateLimit('6/minute', { algorithm: 'token_bucket', burst: 2 })
  @ApiOperation({ summary: 'A bucket of eight tokens, one more every ten seconds' })
  bucket(): { ok: boolean } {
    return { ok: true };
  }

  @Get('burst')
  @RateLimit('2/minute', { burst: 3 })
  @ApiOperation({ summary: 'Two a minute, and three more' })
  burst(): { ok: boolean } {
    return { ok: true };
  }

  @Get('keyed')
  @RateLimit('3/minute', { key: 'unverified_api_key' })
  @ApiHeader({ name: 'X-API-Key', required: false })
  @ApiOperation({ summary: 'Three a minute for each API key, thirty for each address' })
  keyed(): { ok: boolean } {
    return { ok: true };
  }

  @Get('user')
  @RateLimit('3/minute', { key: 'user', onMissingKey: 'block' })
  @ApiHeader({ name: 'X-User', required: false })
  @ApiOperation({ summary: 'Three a minute and user; nobody without one' })
  user(): { ok: boolean } {
    return { ok: true };
  }

  @Get('everybody')
  @RateLimit('10/minute', { key: 'global' })
  @ApiOperation({ summary: 'Ten a minute for all callers together' })
  everybody(): { ok: boolean } {
    return { ok: true };
  }

  @Get('tenant')
  @RateLimit('3/minute', { key: ({ headers }: DemoRequest) => headers['x-tenant'], onMissingKey: 'fallback_ip' })
  @ApiHeader({ name: 'X-Tenant', required: false })
  @ApiOperation({ summary: 'Three a minute and tenant, which a function finds; by address without one' })
  tenant(): { ok: boolean } {
    return { ok: true };
  }

  @Get('cost')
  @RateLimit('10/minute', { cost: ({ headers }: DemoRequest) => Number(headers['x-cost'] ?? 1) })
  @ApiHeader({ name: 'X-Cost', required: false, description: 'how much the request weighs' })
  @ApiOperation({ summary: 'Ten a minute, and a request may weigh more than one' })
  cost(): { ok: boolean } {
    return { ok: true };
  }

  @Get('staff')
  @RateLimit('1/minute', { exemptRoles: ['staff'] })
  @ApiHeader({ name: 'X-Role', required: false, description: 'staff is not counted' })
  @ApiOperation({ summary: 'One a minute; staff as often as they like' })
  staff(): { ok: boolean } {
    return { ok: true };
  }

  @Get('local')
  @RateLimit('1/minute', { exemptIps: ['127.0.0.0/8', '::1'] })
  @ApiOperation({ summary: 'One a minute, but not for this machine' })
  local(): { ok: boolean } {
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

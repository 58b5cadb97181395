import { Controller, Get } from '@nestjs/common';
import { RateLimit } from '@waygate/nestjs';

/** Whose requests are counted together. */
@Controller('keys')
export class KeysController {
  @Get('ip')
  @RateLimit('2/minute')
  ip() {
    return 'passed';
  }

  /** Whoever says nobody is let through uncounted. */
  @Get('user')
  @RateLimit('2/minute', { key: 'user' })
  user() {
    return 'passed';
  }

  /** Whoever says nobody is refused. */
  @Get('user-required')
  @RateLimit('2/minute', { key: 'user', onMissingKey: 'block' })
  userRequired() {
    return 'passed';
  }

  /** By the key that the app accepted (`identify`). Without one it is counted by address. */
  @Get('api-key')
  @RateLimit('2/minute', { key: 'api_key' })
  apiKey() {
    return 'passed';
  }

  @Get('everybody')
  @RateLimit('2/minute', { key: 'global' })
  everybody() {
    return 'passed';
  }

  /** By whatever a function makes of the request. */
  @Get('tenant')
  @RateLimit('2/minute', { key: tenantOf })
  tenant() {
    return 'passed';
  }
}

function tenantOf({ headers }: { headers: Record<string, string | undefined> }): string | undefined {
  return headers['x-tenant'];
}

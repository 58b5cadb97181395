import { Controller, Get } from '@nestjs/common';
import { RateLimit } from '@waygate/nestjs';

@Controller('algorithms')
export class AlgorithmsController {
  /** A window opens with the first request. */
  @Get('fixed')
  @RateLimit('3/minute', { algorithm: 'fixed_window' })
  fixed() {
    return 'passed';
  }

  /** The last period counts by how much of it still overlaps. */
  @Get('sliding')
  @RateLimit('3/hour', { algorithm: 'sliding_window' })
  sliding() {
    return 'passed';
  }

  /** Never more than three in any minute. */
  @Get('moving')
  @RateLimit('3/minute', { algorithm: 'moving_window' })
  moving() {
    return 'passed';
  }

  /** Three at once, and then one every twenty seconds. */
  @Get('bucket')
  @RateLimit('3/minute', { algorithm: 'token_bucket' })
  bucket() {
    return 'passed';
  }
}

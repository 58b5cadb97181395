import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Deprecated } from '@waygate/nestjs';

@ApiTags('users')
@Controller('v1/users')
@Deprecated({ since: '2026-06-01', sunset: '2027-06-01', successor: '/v2/users' })
export class UsersV1Controller {
  @Get()
  @ApiOperation({ summary: 'Works, and says what to use instead' })
  list(): string[] {
    return ['ada', 'grace'];
  }
}

@ApiTags('users')
@Controller('v2/users')
export class UsersV2Controller {
  @Get()
  @ApiOperation({ summary: 'The successor of /v1/users' })
  list(): { users: { name: string }[] } {
    return { users: [{ name: 'ada' }, { name: 'grace' }] };
  }
}

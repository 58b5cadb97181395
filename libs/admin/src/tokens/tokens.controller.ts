import { Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length, ValidateIf } from 'class-validator';
import { WaygateEngine, type TokenRole, type TokenView } from '@waygate/core';
import type { Principal } from '../http/principal.js';
import { Requires } from '../http/requires.js';
import { AnswerError } from '../http/answer-error.js';
import { ExactBody } from '../http/body.js';
import { Who } from '../http/who.decorator.js';
import { wireTime, wireTimeOrNull } from '../http/wire-time.js';

const ROLES: readonly TokenRole[] = ['viewer', 'operator', 'admin', 'sdk', 'client'];

export class TokenBody {
  @IsString({ message: 'name is required' })
  @Length(1, 128, { message: 'name must have 1 to 128 characters' })
  name: string;

  @IsIn(ROLES, { message: `role must be one of ${ROLES.join(', ')}` })
  role: TokenRole;

  @ValidateIf((_body, value) => value !== undefined && value !== null)
  @IsArray({ message: 'services must be a list' })
  @IsString({ each: true, message: 'services must be a list of names' })
  @ArrayMaxSize(100)
  services?: string[] | null;

  @ValidateIf((_body, value) => value !== undefined && value !== null)
  @IsString({ message: 'expires_at must be a date' })
  expires_at?: string | null;
}

/** Named API tokens: for pipelines, scripts and SDKs. */
@Controller('api/tokens')
export class TokensController {
  constructor(private readonly engine: WaygateEngine) {}

  @Get()
  @Requires('admin', 'everything')
  list(): readonly object[] {
    return this.engine.access.listTokens().map(tokenWire);
  }

  /** The token itself is in this answer and nowhere else. */
  @Post()
  @Requires('admin', 'everything')
  async create(@ExactBody(TokenBody) body: TokenBody, @Who() who: Principal): Promise<object> {
    const { name, role, services = null, expires_at: expiresAt = null } = body;
    const { token, view } = await this.engine.access.createToken({ name, role, services, expiresAt }, who.author());
    return { ...tokenWire(view), token };
  }

  @Delete(':id')
  @Requires('admin', 'everything')
  async revoke(@Param('id') id: string, @Who() who: Principal): Promise<object> {
    if (!(await this.engine.access.revokeToken(id, who.author()))) throw new AnswerError(404, `Token '${id}' not found`);
    return { ok: true };
  }
}

function tokenWire(view: TokenView): object {
  return {
    id: view.id,
    name: view.name,
    role: view.role,
    services: view.services,
    created_at: wireTime(view.createdAt),
    created_by: view.createdBy,
    expires_at: wireTimeOrNull(view.expiresAt),
    last_used_at: wireTimeOrNull(view.lastUsedAt),
    revision: view.revision,
  };
}

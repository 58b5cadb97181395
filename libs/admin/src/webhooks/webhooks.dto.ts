import { ArrayMaxSize, IsArray, IsString, Length, MaxLength } from 'class-validator';
import type { SecretRotation, WebhookInput, WebhookPatch } from '@waygate/core';
import { Optional } from '../http/body.js';

const URL_REQUIRED = { message: 'url is required' };
const EVENTS = { message: 'events must be a list of names' };

class WebhookFields {
  /** Names of events, or beginnings of names as `flag_*`. */
  @Optional()
  @IsArray(EVENTS)
  @IsString({ each: true, ...EVENTS })
  @ArrayMaxSize(100)
  events?: string[];

  /** `waygate`, `slack`, `teams`, `discord`, or one that the code registered. */
  @Optional()
  @IsString()
  @MaxLength(128)
  formatter?: string;

  @Optional()
  @IsString()
  @MaxLength(500)
  description?: string;
}

export class WebhookBody extends WebhookFields {
  @IsString(URL_REQUIRED)
  @Length(1, 2_048, URL_REQUIRED)
  url: string;

  /** Names the webhook for good. Default: made from the URL. */
  @Optional()
  @IsString()
  @MaxLength(128)
  name?: string;

  /** `whsec_` and 24 to 64 bytes in base64. Default: one is made. */
  @Optional()
  @IsString()
  @MaxLength(128)
  secret?: string;
}

export class WebhookPatchBody extends WebhookFields {
  @Optional()
  @IsString()
  @Length(1, 2_048)
  url?: string;
}

export class RotateSecretBody {
  /** `whsec_` and 24 to 64 bytes in base64. Default: one is made. */
  @Optional()
  @IsString()
  @MaxLength(128)
  secret?: string;

  /** How long the old secrets sign beside the new one, e.g. `2h`; `0` = not at all. Default 24 h. */
  @Optional()
  @IsString({ message: 'overlap must be a length of time such as 2h' })
  @MaxLength(64)
  overlap?: string;
}

export function webhookInput({ name, secret, ...body }: WebhookBody): WebhookInput {
  return {
    ...webhookPatch(body),
    ...(name === undefined ? {} : { name }),
    ...(secret === undefined ? {} : { secret }),
  };
}

export function webhookPatch({ url, events, formatter, description }: WebhookPatchBody): WebhookPatch {
  return {
    ...(url === undefined ? {} : { url }),
    ...(events === undefined ? {} : { events }),
    ...(formatter === undefined ? {} : { formatter }),
    ...(description === undefined ? {} : { description }),
  };
}

export function secretRotation({ secret, overlap }: RotateSecretBody): SecretRotation {
  return {
    ...(secret === undefined ? {} : { secret }),
    ...(overlap === undefined ? {} : { overlap: overlap.trim() === '0' ? 0 : overlap }),
  };
}

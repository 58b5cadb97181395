import { object, orNull, text, texts, time, whole, type Schema } from './schema.js';

export const ACCESS_SCHEMAS = {
  Login: object({ token: text, username: text, expires_at: time }),
  Me: {
    type: 'object',
    properties: { username: text, platform: text, role: text, services: orNull(texts), csrf_token: text },
    required: ['username', 'platform', 'role', 'services'],
  },
  Token: {
    type: 'object',
    properties: {
      id: text,
      name: text,
      role: text,
      services: orNull(texts),
      created_at: time,
      created_by: text,
      expires_at: orNull(time),
      last_used_at: orNull(time),
      revision: whole,
      token: { type: 'string', description: 'Only when it is made.' },
    },
    required: ['id', 'name', 'role', 'services', 'created_at', 'created_by', 'expires_at', 'last_used_at', 'revision'],
  },
} satisfies Record<string, Schema>;

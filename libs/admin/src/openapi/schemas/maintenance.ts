import { object, orNull, partly, text, texts, time, whole, withWarnings, yes, type Schema } from './schema.js';

export const MAINTENANCE_SCHEMAS = {
  MaintenanceConfig: withWarnings({
    enabled: yes,
    reason: text,
    exempt_paths: texts,
    include_force_active: yes,
    service: { ...orNull(text), description: '`null` = everything.' },
    since: { ...orNull(time), description: 'When what stops requests began; `null` = nothing does, or unknown.' },
    until: { ...orNull(time), description: 'When what stops requests ends on its own.' },
    set_by: { ...orNull(text), description: 'Who switched on what stops requests.' },
    window: orNull(
      object({
        start: orNull(time),
        end: orNull(time),
        recurrence: orNull(object({ cron: text, duration_ms: whole, time_zone: text })),
      }),
    ),
    next_change: orNull(time),
    revision: whole,
  }),
  Recurrence: {
    ...partly(
      {
        cron: { type: 'string', description: 'Five fields: minute, hour, day of month, month, day of week.' },
        duration: { type: 'string', description: 'How long it lasts each time, e.g. `2h`.' },
        time_zone: { type: 'string', description: 'IANA name, e.g. `Europe/Berlin`. Default UTC.' },
      },
      'cron',
      'duration',
    ),
    additionalProperties: false,
  },
  UpcomingChange: object({
    at: time,
    path: { type: 'string', description: 'As in audit entries.' },
    service: orNull(text),
    kind: text,
    change: {
      type: 'string',
      enum: [
        'window_opened',
        'window_closed',
        'override_expired',
        'switch_back',
        'scheduled_change',
        'rollout_step',
        'rollout_end',
      ],
    },
    reason: text,
  }),
} satisfies Record<string, Schema>;

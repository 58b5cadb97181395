import type { Type } from '@nestjs/common';
import {
  ExemptBody,
  MaintenancePlanBody,
  MaintenanceSwitchBody,
  SwitchOffBody,
} from '../../maintenance/maintenance.controller.js';
import { tagged, type Untagged } from './operation.js';

const maintenance = (summary: string, body?: Type<object>, lenient = true): Untagged => ({
  summary,
  ...(body === undefined ? {} : { body, lenient }),
  answer: 'MaintenanceConfig',
});

/** The same for one service as for everything. */
const switchFor = (what: string, path: string): Readonly<Record<string, Untagged>> => ({
  [`GET ${path}`]: maintenance(`The switch for ${what}.`),
  [`POST ${path}/enable`]: maintenance(
    'Answers 503 on every route that is not exempt. Replaces the whole configuration.',
    MaintenanceSwitchBody,
  ),
  [`POST ${path}/disable`]: maintenance('Ends it, and forgets reason and exemptions.', SwitchOffBody),
  [`POST ${path}/schedule`]: maintenance(
    'Plans it, once from `start` to `end` or again and again by `recurrence`; what was set before holds again afterwards.',
    MaintenancePlanBody,
    false,
  ),
  [`DELETE ${path}/schedule`]: maintenance('Takes back everything planned, begun or not.'),
  [`PUT ${path}/exempt`]: maintenance('Changes what stays up, without switching anything on or off.', ExemptBody, false),
});

export const MAINTENANCE_OPERATIONS = tagged('maintenance', {
  ...switchFor('everything', '/api/global'),
  ...switchFor('one service', '/api/services/:service/maintenance'),
  'GET /api/maintenance': {
    summary: 'Every switch that is on or scheduled: the global one first, then services by name.',
    answer: 'MaintenanceConfig',
    list: true,
  },
  'GET /api/schedule': {
    summary: 'What will change by itself, soonest first: windows, expiries, and what flags have planned.',
    query: ['limit'],
    answer: 'UpcomingChange',
    list: true,
  },
});

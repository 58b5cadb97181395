import type { Operations } from './operations/operation.js';
import { ACCESS_OPERATIONS } from './operations/access.js';
import { AUDIT_OPERATIONS } from './operations/audit.js';
import { FLAG_OPERATIONS } from './operations/flags.js';
import { HEALTH_OPERATIONS } from './operations/health.js';
import { MAINTENANCE_OPERATIONS } from './operations/maintenance.js';
import { OFREP_OPERATIONS } from './operations/ofrep.js';
import { RATE_LIMIT_OPERATIONS } from './operations/rate-limits.js';
import { ROUTE_OPERATIONS } from './operations/routes.js';
import { SDK_OPERATIONS } from './operations/sdk.js';
import { SEGMENT_OPERATIONS } from './operations/segments.js';
import { WEBHOOK_OPERATIONS } from './operations/webhooks.js';

/** Every endpoint that the document describes. */
export const OPERATIONS: Operations = {
  ...ACCESS_OPERATIONS,
  ...ROUTE_OPERATIONS,
  ...MAINTENANCE_OPERATIONS,
  ...RATE_LIMIT_OPERATIONS,
  ...FLAG_OPERATIONS,
  ...SEGMENT_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...SDK_OPERATIONS,
  ...OFREP_OPERATIONS,
  ...HEALTH_OPERATIONS,
};

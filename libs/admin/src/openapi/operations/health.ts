import { ReasonBody } from '../../routes/routes.dto.js';
import { tagged } from './operation.js';

export const HEALTH_OPERATIONS = tagged('health', {
  'GET /api/instances': {
    summary: 'The processes that follow this server, and how far they are.',
    answer: 'Instances',
  },
  'GET /api/health': {
    summary: 'Whether the state is known to be what the store holds, and why not.',
    answer: 'Health',
  },
  'GET /api/health/live': { summary: 'The process answers, and tells its time.', answer: 'Live' },
  'GET /api/health/ready': {
    summary: '503 while the state is stale or the application ends.',
    answer: 'Status',
    others: { 503: 'Status' },
  },
  'POST /api/state/accept': {
    summary:
      'Accepts the store as it is, after a backup was restored on purpose: every process adopts it, whatever it knew before.',
    body: ReasonBody,
    lenient: true,
    answer: 'StateAccepted',
  },
  'GET /api/metrics': {
    summary:
      'Figures of this process for Prometheus. An API token may also come as `Authorization: Bearer`. 501 without `prom-client`.',
    type: 'text/plain',
  },
  'GET /api/openapi.json': { summary: 'This document.' },
});

import { isPasswordKnown } from './admin-password.js';

/** What the demo says when it runs. */
export function welcome(url: string): string {
  const base = url.replace('[::1]', 'localhost').replace('127.0.0.1', 'localhost');
  const password = isPasswordKnown() ? 'secret' : '$WAYGATE_ADMIN_PASSWORD';
  const quoted = isPasswordKnown() ? password : `'"${password}"'`;
  return `
Waygate demo at ${base}

  Dashboard             ${base}/waygate     (sign in as admin / ${password})
  Swagger UI            ${base}/docs
  always on             curl -i ${base}/health
  in maintenance        curl -i ${base}/payments
  only in dev           curl -i ${base}/debug        (start with APP_ENV=production to see it vanish)
  disabled              curl -i ${base}/old-endpoint
  deprecated            curl -i ${base}/v1/users
  limited               for i in 1 2 3 4 5 6; do curl -i ${base}/limits/basic; done
  flagged               curl -X POST -H 'X-User: ann' ${base}/checkout      (staff: the new one; others: a quarter of them)
  Admin API             curl -X POST ${base}/waygate/api/auth/login -d '{"username":"admin","password":"${quoted}"}'
  CLI                   npm run cli -- config set-url ${base}/waygate && npm run cli -- login admin && npm run cli -- status

  Change a route while it runs:
    curl -X POST ${base}/demo/payments/enable
    curl -X POST ${base}/demo/orders/disable
    curl -X POST ${base}/demo/maintenance/on
    curl -X POST ${base}/demo/maintenance/off
`;
}

import type { LimitQuota, LimitReport } from '@waygate/core';

/** Which rate-limit headers are sent: `legacy` = `X-RateLimit-*`, `standard` = those of the IETF draft, `both`, or `none`. */
export type RateLimitHeaders = 'legacy' | 'standard' | 'both' | 'none';

type Header = readonly [name: string, value: string];

/**
 * The headers for where a caller stands.
 *
 * Legacy: `X-RateLimit-Limit`, `-Remaining` and `-Reset` (unix seconds) of the tightest limit. Standard: `RateLimit-Policy` and
 * `RateLimit` as structured fields (draft-ietf-httpapi-ratelimit-headers-10, §§ 3 and 4), all limits.
 *
 * @param now epoch ms
 * @param unasked limits of which it is not known how the caller stands
 */
export function rateLimitHeaders(
  reports: readonly LimitReport[],
  form: RateLimitHeaders,
  now: number,
  unasked: readonly LimitQuota[] = [],
): readonly Header[] {
  if (reports.length === 0 || form === 'none') return [];
  const headers: Header[] = [];
  if (form !== 'standard') {
    const { limit, remaining, resetAt } = tightest(reports);
    headers.push(
      ['X-RateLimit-Limit', String(limit)],
      ['X-RateLimit-Remaining', String(remaining)],
      ['X-RateLimit-Reset', String(Math.ceil(resetAt / 1_000))],
    );
  }
  if (form !== 'legacy') {
    headers.push(
      ['RateLimit-Policy', [...reports, ...unasked].map(policyItem).join(', ')],
      ['RateLimit', reports.map((report) => stateItem(report, now)).join(', ')],
    );
  }
  return headers;
}

/** The limit that will refuse first: fewest left, and of those the one that stays so longest. */
function tightest(reports: readonly LimitReport[]): LimitReport {
  return reports.reduce((tightest, report) => {
    const fewer = report.remaining < tightest.remaining;
    return fewer || (report.remaining === tightest.remaining && report.resetAt > tightest.resetAt) ? report : tightest;
  });
}

function policyItem({ policy, limit, periodMs }: LimitQuota): string {
  return `"${policy}";q=${limit};w=${Math.ceil(periodMs / 1_000)}`;
}

function stateItem({ policy, remaining, resetAt }: LimitReport, now: number): string {
  return `"${policy}";r=${remaining};t=${Math.max(0, Math.ceil((resetAt - now) / 1_000))}`;
}

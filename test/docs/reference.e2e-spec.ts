import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('the reference', () => {
  it('says what the sources say', () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['scripts/reference.mjs', '--check'], { encoding: 'utf8' });
    expect(stdout + stderr).toContain('The reference is up to date.');
    // Compiles all packages and starts an app.
  }, 180_000);

  it.each([
    ['decorators.md', '## @Maintenance'],
    ['decorators.md', "@RateLimit('10/second')"],
    ['options.md', '`enforcement?`'],
    ['engine.md', '## engine.rateLimits'],
    ['environment.md', '`WAYGATE_REDIS_URL`'],
    ['errors.md', '`ROUTE_PROTECTED`'],
    ['audit-actions.md', '`global_maintenance_on`'],
    ['rest.md', '### `POST /api/routes/{key}/disable`'],
    ['cli.md', '## disable'],
    ['metrics.md', '## waygate_limit_refusals_total'],
  ])('has in %s what a reader looks for: %s', (page, text) => {
    expect(readFileSync(`docs/reference/${page}`, 'utf8')).toContain(text);
  });
});

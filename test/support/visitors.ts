import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { AdminApp } from './admin-app.js';
import { launchChromium } from './chromium.js';
import { signInAt, type Operator, type OperatorOptions } from './dashboard.js';

/** People at the dashboards of a spec file. */
export interface Visitors {
  /** Signs somebody in, in a browser context of their own. */
  readonly somebody: (app: AdminApp, options?: OperatorOptions) => Promise<Operator>;
}

/**
 * One browser for a spec file. After each test contexts are closed, then the app, and whatever a browser complained of fails the test.
 * @param app the one of the test; closed after the browsers, which would complain of streams that break off
 */
export function useVisitors(app: () => AdminApp): Visitors {
  let browser: Browser;
  const operators: Operator[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const all = operators.splice(0);
    const complaints = all.flatMap((operator) => operator.complaints);
    await Promise.all(all.map(({ context }) => context.close()));
    await app().app.close();
    if (complaints.length > 0) throw new Error(`The browser complained:\n${complaints.join('\n')}`);
  });
  return {
    somebody: async (visited, options) => {
      const operator = await signInAt(browser, visited, options);
      operators.push(operator);
      return operator;
    },
  };
}

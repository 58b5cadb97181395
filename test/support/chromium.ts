import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { PATIENCE_MS } from './patience.mjs';

/** A headless Chromium of the system; the test command installs it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Pages of others ask for fonts and the like elsewhere, and are not shown before it is known that there are none.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
}

/** A page that waits as long as every other test does for what has to come. */
export async function patientPage(opener: Browser | BrowserContext): Promise<Page> {
  const page = await opener.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

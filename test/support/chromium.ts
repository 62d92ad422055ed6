import { chromium, type Browser } from 'playwright-core';
import { ensureBrowser } from '../../tools/browser.ts';

/** Starts the browser that shows the workbench. It ends with this process. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await ensureBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installOnDebian } from './debian.ts';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'msedge',
];

const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * The path of a Chromium-based browser: the one in PINPOINT_AUDIENCE_BROWSER, or an installed one.
 * If there is none, and we are root on Debian, installs chromium.
 */
export async function ensureBrowser(): Promise<string> {
  const found = process.env['PINPOINT_AUDIENCE_BROWSER'] ?? findBrowser();
  if (found !== undefined) return found;
  await installOnDebian('chromium');
  const installed = findBrowser();
  if (installed !== undefined) return installed;
  throw new Error(
    'No browser was found. Install Chromium, Chrome or Edge, or name one in PINPOINT_AUDIENCE_BROWSER; then try again.',
  );
}

function findBrowser(): string | undefined {
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) =>
      names.map((name) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
    );
  return [...onPath, ...usualPlaces].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** The project's folder. */
export const root = join(import.meta.dirname, '..');

/** What was built. */
export const dist = join(root, 'dist');

/** Where development tools are installed: outside of the project, so that all clones share them. */
export const cache = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'pinpoint-audience-dev',
);

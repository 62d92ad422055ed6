import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { cache } from './paths.ts';
import type { VscodeEdition } from './vscodeServer.ts';

const versions: Readonly<Record<VscodeEdition, string>> = { newest: 'stable', oldest: '1.103.2' };

/**
 * Resolves with the executable of a desktop VS Code for tests: the one in PINPOINT_AUDIENCE_DESKTOP, or one that is downloaded once,
 * from Microsoft's update service. Nothing else downloads from outside of the package registries.
 */
export async function ensureDesktop(edition: VscodeEdition): Promise<string> {
  const given = process.env['PINPOINT_AUDIENCE_DESKTOP'];
  if (given !== undefined) return given;
  try {
    return await downloadAndUnzipVSCode({ version: versions[edition], cachePath: join(cache, 'desktop') });
  } catch (error) {
    throw new Error(
      'Could not download VS Code. Without access to its update service, name an installed one in PINPOINT_AUDIENCE_DESKTOP.',
      { cause: error },
    );
  }
}

/** The executable of an installed VS Code, by the `code` command on the PATH. */
export function findDesktop(): string | undefined {
  // On Windows the commands are scripts, in a folder below that of the program.
  const names =
    process.platform === 'win32'
      ? ['Code.exe', 'Code - Insiders.exe', 'VSCodium.exe'].map((name) => join('..', name))
      : ['code', 'code-insiders', 'codium'];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
}

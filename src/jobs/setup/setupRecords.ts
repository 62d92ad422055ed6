import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../../fileErrors.ts';
import { rename, rm } from '../../fileOperations.ts';
import { readOwnFile } from '../../ownFiles.ts';
import { makeRecordFolder } from '../../ownFolders.ts';
import { privateFile } from '../../permissions.ts';
import type { StepId } from './setupPlan.ts';
import type { WantedSetup } from './wantedSetup.ts';

interface SetupRecord {
  readonly version: 1;
  /** Steps that were sent, or about to be sent when the process ended. */
  readonly begun: readonly StepId[];
}

/**
 * The progress of unfinished setups, one small file each. Records whether an unconfigured bucket or role was created here and may be
 * completed, or existed before and must not be changed without asking.
 */
export class SetupRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The steps that an interrupted run started; none after a completed run. */
  async begun(wanted: WantedSetup): Promise<ReadonlySet<StepId>> {
    try {
      const text = await readOwnFile(this.#path(wanted));
      return new Set(text === undefined ? [] : (JSON.parse(text) as SetupRecord).begun);
    } catch (error) {
      // An incomplete record has no information; then everything counts as existing before.
      if (error instanceof SyntaxError) return new Set();
      throw fileError(error, 'read the record of the setup', this.#path(wanted));
    }
  }

  /** Once this resolves, it survives a crash. */
  async write(wanted: WantedSetup, begun: ReadonlySet<StepId>): Promise<void> {
    const path = this.#path(wanted);
    const record: SetupRecord = { version: 1, begun: [...begun] };
    try {
      await makeRecordFolder(this.#folder);
      await rm(`${path}.new`, { force: true });
      await writeFile(`${path}.new`, JSON.stringify(record), { flag: 'wx', flush: true, mode: privateFile });
      await rename(`${path}.new`, path);
    } catch (error) {
      throw fileError(error, 'write the record of the setup', path);
    }
  }

  async remove(wanted: WantedSetup): Promise<void> {
    await rm(this.#path(wanted), { force: true });
  }

  /** The same names in the same account are the same setup. */
  #path({ identity, bucket, roles }: WantedSetup): string {
    const names = JSON.stringify([identity.account, identity.region, bucket, roles.import, roles.export]);
    return join(this.#folder, `${createHash('sha256').update(names).digest('hex').slice(0, 16)}.json`);
  }
}

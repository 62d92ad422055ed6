import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { after, afterEach, before, describe, it } from 'mocha';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { reportOf } from '../../../src/endpoints/report/report.ts';
import { writeReport } from '../../../src/endpoints/report/reportFile.ts';
import { TaskThreads } from '../../../src/endpoints/transform/taskThreads.ts';
import { Bulk } from '../../../src/jobs/bulk/bulkService.ts';
import { downloadExport } from '../../../src/jobs/download/downloadExport.ts';
import { listEndpointIds } from '../../../src/jobs/endpointIds.ts';
import { Erasure } from '../../../src/jobs/erasure.ts';
import { MirrorStore } from '../../../src/jobs/mirror/mirrorStore.ts';
import { Leases } from '../../../src/jobs/runs/lease.ts';
import { SetupRecords } from '../../../src/jobs/setup/setupRecords.ts';
import { noLog } from '../../../src/log.ts';
import { setPermissions } from '../../../src/permissions.ts';
import { startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import { Workplace } from './workplace.ts';

/** Everything below a folder with its mode, apart from the files that were there before. */
async function modesIn(folder: string, except: ReadonlySet<string>): Promise<Record<string, string>> {
  const modes: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (except.has(path)) continue;
    const { mode } = await lstat(path);
    modes[relative(folder, path)] = `${entry.isDirectory() ? 'd' : 'f'}${(mode & 0o777).toString(8)}`;
  }
  return modes;
}

describe('Written files', function () {
  let place: Workplace;
  let given: Set<string>;
  let umask = 0o022;

  before(async function () {
    if (process.platform === 'win32') this.skip();
    place = await Workplace.open();
  });
  afterEach(() => {
    process.umask(umask);
    setPermissions('private');
  });
  after(async () => {
    if (process.platform !== 'win32') await place.close();
  });

  /** Does one of everything that writes files, into `folder`; resolves with the files that a person asked for. */
  async function drill(folder: string): Promise<readonly string[]> {
    const store = (name: string): string => join(folder, 'stores', name);
    const { connection, projectId } = place;
    given = new Set();
    const file = async (name: string, text: string): Promise<string> => {
      const { path } = await place.file(relative(place.folder, join(folder, name)), text);
      await chmod(path, 0o644);
      given.add(path);
      return path;
    };
    await mkdir(folder);
    const source = await file(
      'in.csv',
      'Id,ChannelType,Address\na,email,a@example.com\nb,EMAIL,b@example.com\n',
    );
    const runs = place.window({ folder: store('runs') });
    const files = [{ path: source, bytes: 0, modified: 0 }];
    const { size: bytes, mtimeMs: modified } = await lstat(source);
    const imported = await runs.startImport(
      connection,
      place.importPlan([{ ...files[0]!, bytes, modified }]),
      {},
    );
    await runs.waitFor(imported.id);
    const exported = await runs.startExport(connection, place.exportPlan(), {});
    await runs.waitFor(exported.id);
    const downloads = join(folder, 'downloads', 'deep');
    const fetched = await runs.download(connection, exported.id, downloads, {});
    const { bucket, folder: prefix } = runs.get(exported.id)!.export!;
    const from = { bucket, prefix, name: 'all' };
    const { path: ids } = await listEndpointIds(connection.staging, from, join(folder, 'ids'), {});
    const threads = new TaskThreads(
      new URL('../../../src/endpoints/transform/taskWorker.ts', import.meta.url),
    );
    const outputs = await Promise.all([
      threads.run('convert', { source }),
      threads.run('fixedCopy', { source }),
      threads.run('split', { source, maxBytes: 60 }),
      threads.run('makeImportable', { source: fetched[0]! }),
    ]);
    await threads.dispose();
    const report = join(folder, 'report.md');
    await writeReport(reportOf([], new Date()), 'markdown', report);
    const bulk = new Bulk({ folder: store('bulk'), log: noLog, clock: place.clock });
    const source2 = await file('ids.txt', 'a\nb\n');
    const done = await bulk.start(connection, { kind: 'delete-endpoints', projectId, source: source2 }, {});
    assert.equal(done.state, 'completed');
    // Paused, so that its journal stays.
    const stop = AbortSignal.abort();
    await bulk
      .start(connection, { kind: 'delete-endpoints', projectId, source: source2 }, {})
      .catch(() => stop);
    bulk.dispose();
    const mirrors = new MirrorStore(store('mirrors'), noLog);
    const leases = new Leases(store('mirrors'), { log: noLog });
    const lease = await leases.acquire('0123456789abcdef');
    await mirrors.begin(
      lease!,
      { id: '0123456789abcdef', last: undefined },
      () => ({ schema: 2, id: '0123456789abcdef' }) as ReturnType<Parameters<MirrorStore['begin']>[2]>,
    );
    leases.dispose();
    const setups = new SetupRecords(store('setups'));
    const { identity } = connection;
    await setups.write(
      { identity, bucket: 'b', roles: {} } as unknown as Parameters<SetupRecords['write']>[0],
      new Set(),
    );
    await connection.endpoints.updateEndpoints(projectId, [
      { Id: 'u', ChannelType: 'EMAIL', Address: 'u@example.com', User: { UserId: 'u' } },
    ]);
    await new Erasure({ folder: store('erasures'), log: noLog }).erase(connection, {
      projectId,
      userId: 'u',
    });
    return [
      ...[...fetched, ids, report, done.results!],
      ...outputs.flatMap((output) => output.outputs.map(({ path }) => path)),
    ];
  }

  it('are readable by this user alone, whatever the umask', async () => {
    umask = process.umask(0);
    const folder = join(place.folder, 'private');
    const asked = await drill(folder);
    assert.ok(asked.length >= 9, String(asked.length));
    const modes = await modesIn(folder, given);
    const open = Object.entries(modes).filter(([, mode]) => mode !== 'f600' && mode !== 'd700');
    assert.deepEqual(
      open.filter(([name]) => name !== 'stores'),
      [],
    );
    assert.ok(Object.keys(modes).length > 15, JSON.stringify(modes));
  });

  it('follow the umask in a folder that a team shares, except for our own records', async () => {
    process.umask(0o027);
    setPermissions('umask');
    const folder = join(place.folder, 'shared');
    const asked = await drill(folder);
    for (const path of asked) assert.equal((await lstat(path)).mode & 0o777, 0o640, path);
    assert.equal((await lstat(join(folder, 'downloads', 'deep'))).mode & 0o777, 0o750);
    const stores = await modesIn(join(folder, 'stores'), given);
    for (const [name, mode] of Object.entries(stores)) assert.match(mode, /^(f600|d700)$/, name);
  });

  it("are readable by this user alone in the sandbox's data", async () => {
    process.umask(0);
    const temporary = await temporaryFolder();
    const { path } = temporary;
    const dataDir = join(path, 'data');
    const sandbox = await startTestSandbox({ dataDir, sample: true });
    try {
      const modes = await modesIn(path, new Set());
      assert.ok(Object.keys(modes).length > 8, JSON.stringify(modes));
      for (const [name, mode] of Object.entries(modes)) assert.match(mode, /^(f600|d700)$/, name);
    } finally {
      await sandbox.close();
      await temporary.remove();
    }
  });

  it('never go through a link, not even a dangling one', async () => {
    const { staging } = place.connection;
    const folder = join(place.folder, 'links');
    const outside = join(place.folder, 'outside');
    await mkdir(folder);
    for (const name of ['x.ndjson', 'x (2).ndjson', 'x-ids.txt']) await symlink(outside, join(folder, name));
    const line = '{"Id":"a","ChannelType":"EMAIL","Address":"a@example.com"}\n';
    await place.sandbox.s3.send(
      new PutObjectCommand({ Bucket: place.bucket, Key: 'e/1.gz', Body: gzipSync(line) }),
    );
    const source = { bucket: place.bucket, prefix: 'e/', name: 'x' };
    const known: (readonly string[])[] = [];
    const paths = await downloadExport(
      staging,
      source,
      folder,
      {},
      {
        // Names that an earlier attempt chose, before somebody put a link there.
        earlier: [join(folder, 'x.ndjson')],
        write: (chosen) => {
          known.push(chosen);
          return Promise.resolve();
        },
        check: () => Promise.resolve(),
      },
    );
    assert.deepEqual(paths, [join(folder, 'x (3).ndjson')]);
    assert.equal(await readFile(paths[0]!, 'utf8'), line);
    const { path } = await listEndpointIds(staging, source, folder, {});
    assert.equal(path, join(folder, 'x-ids (2).txt'));
    await assert.rejects(lstat(outside), { code: 'ENOENT' });

    // The hidden folder of unfinished downloads, as a link to somebody's own.
    const trap = join(place.folder, 'trap');
    await mkdir(trap);
    const target = join(place.folder, 'target');
    await assert.rejects(downloadExport(staging, { ...source, prefix: 'none/' }, target, {}), {
      code: 'not-found',
    });
    const hidden = (await hiddenNameOf(staging, source)) ?? '';
    await mkdir(target, { recursive: true });
    await symlink(trap, join(target, hidden));
    await assert.rejects(downloadExport(staging, source, target, {}), { code: 'conflict' });
    assert.deepEqual([await readdir(trap), await readdir(target)], [[], [hidden]]);
  });

  /** The name of the folder in which a download keeps its parts. */
  async function hiddenNameOf(
    staging: Parameters<typeof downloadExport>[0],
    source: Parameters<typeof downloadExport>[1],
  ): Promise<string | undefined> {
    const folder = join(place.folder, 'names');
    let name: string | undefined;
    await downloadExport(
      staging,
      source,
      folder,
      {},
      {
        earlier: [],
        write: async () => {
          name ??= (await readdir(folder)).find((each) => each.startsWith('.'));
        },
        check: () => Promise.resolve(),
      },
    );
    return name;
  }
});

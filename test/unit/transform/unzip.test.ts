import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'mocha';
import { compareFiles } from '../../../src/endpoints/transform/compare.ts';
import { convertFile } from '../../../src/endpoints/transform/convert.ts';
import { countNames } from '../../../src/endpoints/transform/customNames.ts';
import { writeFixedCopy } from '../../../src/endpoints/transform/fixedCopy.ts';
import { jsonToLines } from '../../../src/endpoints/transform/jsonLines.ts';
import { makeImportable } from '../../../src/endpoints/transform/makeImportable.ts';
import { splitFile } from '../../../src/endpoints/transform/split.ts';
import { bulkItems } from '../../../src/jobs/bulk/bulkItems.ts';
import { MirrorContent } from '../../../src/jobs/mirror/mirrorContent.ts';
import { root } from '../../../tools/paths.ts';
import { inFolder } from './files.ts';

interface Limited {
  readonly unzipLimit: number;
}

/** Every reader of packed files. */
const readers: Readonly<Record<string, (source: string, limit: Limited) => Promise<unknown>>> = {
  convert: (source, limit) => convertFile({ source, ...limit }),
  'make importable': (source, limit) => makeImportable({ source, ...limit }),
  split: (source, limit) => splitFile({ source, ...limit, maxBytes: 1_000_000 }),
  'JSON to NDJSON': (source, limit) => jsonToLines({ source, ...limit }),
  'fixed copy': (source, limit) => writeFixedCopy({ source, ...limit }),
  'comparison, earlier file': (source, limit) => compareFiles({ before: source, after: source, ...limit }),
  'names of attributes': (source, limit) => countNames([source], limit),
  mirror: (source, limit) => MirrorContent.read([source], 'Id', 1, limit),
  'bulk operation': async (source, limit) => {
    for await (const { id } of bulkItems(source, 'delete-endpoints', {}, limit)) assert.equal(id, 'a');
  },
};

describe('Packed files', function () {
  const bomb = gzipSync('{"Id":"a","ChannelType":"EMAIL","Address":"a@example.com"}\n'.repeat(60_000));

  for (const [name, read] of Object.entries(readers)) {
    it(`are unpacked up to a limit, and nothing is left beyond it: ${name}`, async () => {
      await inFolder(async (folder) => {
        const source = await folder.write('a.ndjson.gz', bomb);
        await assert.rejects(read(source, { unzipLimit: 1e6 }), {
          code: 'bad-input',
          message: 'a.ndjson.gz unpacks to more than 0.001 GB',
        });
        assert.deepEqual(await folder.names(), ['a.ndjson.gz']);
        await read(source, { unzipLimit: 1e7 });
      });
    });
  }

  it('are unpacked up to the limit given on the command line', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.ndjson.gz', bomb);
      for (const args of [['fix'], ['validate', '--report', join(folder.path, 'r.md')]]) {
        const main = join(root, 'src', 'cli', 'main.ts');
        const child = spawn(process.execPath, [main, ...args, source, '--unzip-limit', '0.001']);
        const [[code], error] = await Promise.all([
          once(child, 'close') as Promise<[number]>,
          text(child.stderr),
        ]);
        assert.match(error, /unpacks to more than 0\.001 GB.*--unzip-limit/);
        assert.equal(code, 2);
      }
    });
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Ajv from 'ajv';
import { after, afterEach, before, describe, it } from 'mocha';
import { createMirrorsFile, mirrorsFile, readMirrors } from '../../../src/jobs/mirror/mirrorDeclaration.ts';
import { root } from '../../../tools/paths.ts';
import { editorKeywords } from '../../../tools/validators.ts';
import { canMakeLinks, isWindows } from '../../support/platform.ts';

const ajv = new Ajv({ keywords: editorKeywords, strictTypes: true });
const validate = ajv.compile(
  JSON.parse(readFileSync(join(root, 'media/schemas/mirrors.schema.json'), 'utf8')) as object,
);

const good = { name: 'All', source: 'all.csv', project: 'Shop', segment: 'All', identifier: 'Id' };

describe('The file that declares mirrors', () => {
  it('is read if the schema accepts it', () => {
    const value = {
      mirrors: [good, { ...good, name: 'By user', identifier: 'User.UserId', format: 'JSON' }],
    };
    assert.ok(validate(value), JSON.stringify(validate.errors));
    assert.deepEqual(readMirrors(JSON.stringify(value)), value.mirrors);
  });

  it('is rejected with the position and the reason', () => {
    const cases: readonly (readonly [object, RegExp])[] = [
      [{}, /^mirrors is missing/],
      [{ mirrors: [{ ...good, segment: undefined }] }, /^mirrors\[0\]\.segment is missing/],
      [{ mirrors: [{ ...good, project: '' }] }, /^mirrors\[0\]\.project is empty/],
      [{ mirrors: [{ ...good, name: ' ' }] }, /^mirrors\[0\]\.name isn't valid/],
      [{ mirrors: [{ ...good, colour: 'red' }] }, /^Unknown property: mirrors\[0\]\.colour/],
      [{ mirrors: [{ ...good, format: 'XML' }] }, /format must be one of CSV, JSON/],
      [{ mirrors: [{ ...good, identifier: 'Metrics.x' }] }, /identifier isn't valid/],
    ];
    for (const [value, message] of cases) {
      const text = JSON.stringify(value);
      assert.throws(() => readMirrors(text), { message }, text);
      assert.equal(validate(JSON.parse(text)), false, text);
    }
    assert.throws(() => readMirrors(JSON.stringify({ mirrors: [good, good] })), {
      message: /Two mirrors have the name All/,
    });
    assert.throws(() => readMirrors('{'), { message: /valid JSON/ });
  });

  describe('as the first one of a folder', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-mirrors-'));
    });
    afterEach(async () => {
      for (const name of await readdir(folder)) await rm(join(folder, name));
    });
    after(() => rm(folder, { recursive: true }));

    it('is accessible only to this user', async function () {
      if (isWindows) this.skip();
      const before = process.umask(0);
      try {
        const path = await createMirrorsFile(folder);
        assert.equal((await stat(path)).mode & 0o777, 0o600);
        assert.match(await readFile(path, 'utf8'), /"mirrors"/);
      } finally {
        process.umask(before);
      }
    });

    it('overwrites nothing, and is written through no link', async function () {
      if (!(await canMakeLinks())) this.skip();
      const [path, target] = [join(folder, mirrorsFile), join(folder, 'target')];
      await writeFile(path, 'mine');
      await assert.rejects(createMirrorsFile(folder), { code: 'conflict' });
      assert.equal(await readFile(path, 'utf8'), 'mine');
      await rm(path);
      // The first leads nowhere, the second to a file.
      await symlink(target, path);
      await assert.rejects(createMirrorsFile(folder), { code: 'conflict' });
      await writeFile(target, 'theirs');
      await assert.rejects(createMirrorsFile(folder), { code: 'conflict' });
      assert.equal(await readFile(target, 'utf8'), 'theirs');
      assert.ok((await lstat(path)).isSymbolicLink());
    });
  });
});

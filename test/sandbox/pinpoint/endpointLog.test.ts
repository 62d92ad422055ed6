import assert from 'node:assert/strict';
import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { EndpointLog } from '../../../src/sandbox/pinpoint/endpointLog.ts';
import { HashIndex, hashOf } from '../../../src/sandbox/pinpoint/hashIndex.ts';
import { lineBatches } from '../../../src/sandbox/pinpoint/splitLines.ts';
import type { Endpoint } from '../../../src/sandbox/pinpoint/types.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

describe('The endpoint log', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'endpoints.log');
  });
  afterEach(() => folder.remove());

  const endpoint = (Id: string, Address: string, UserId?: string, filling = ''): Endpoint => ({
    ChannelType: 'CUSTOM',
    Address,
    EndpointStatus: 'ACTIVE',
    OptOut: 'NONE',
    EffectiveDate: '2026-01-01T00:00:00.000Z',
    ...(filling === '' ? {} : { Attributes: { filling: [filling] } }),
    ...(UserId === undefined ? {} : { User: { UserId } }),
    ApplicationId: 'app',
    Id,
    CreationDate: '2026-01-01T00:00:00.000Z',
  });
  const all = async (log: EndpointLog): Promise<Endpoint[]> => {
    const found: Endpoint[] = [];
    for await (const lines of log.lines()) {
      found.push(...lines.map((line) => JSON.parse(line.toString()) as Endpoint));
    }
    return found;
  };
  const sorted = (endpoints: Iterable<Endpoint>): Endpoint[] =>
    [...endpoints].sort((one, other) => (one.Id < other.Id ? -1 : 1));

  it('behaves like a map, also after it was closed and reopened', async () => {
    const change = fc.record({
      id: fc.constantFrom('a', 'B', 'c', 'd', 'E', 'f', 'é', '😀'),
      address: fc.constantFrom('1', '2', '3'),
      user: fc.option(fc.constantFrom('u', 'v', 'U'), { nil: undefined }),
      action: fc.constantFrom('put', 'put', 'put', 'delete', 'flush', 'reopen', 'revert'),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 40 }), async (changes) => {
        const path = `${file}.${run++}`;
        let model = new Map<string, Endpoint>();
        let saved = new Map<string, Endpoint>();
        let log = await EndpointLog.open(path);
        for (const { id, address, user, action } of changes) {
          if (action === 'flush') log.flush();
          if (action === 'revert') {
            log.revert();
            model = new Map(saved);
          }
          if (action === 'reopen') {
            log.close();
            log = await EndpointLog.open(path);
          }
          if (action === 'flush' || action === 'reopen') saved = new Map(model);
          if (action === 'delete') {
            log.delete(id.toUpperCase());
            model.delete(id);
          }
          if (action === 'put') {
            log.put(endpoint(id, address, user));
            model.set(id, endpoint(id, address, user));
          }
          assert.deepEqual(log.get(id.toLowerCase()), model.get(id));
        }
        const values = [...model.values()];
        assert.equal(log.size, model.size);
        assert.deepEqual(sorted(await all(log)), sorted(values));
        for (const user of ['u', 'v', 'U']) {
          const expected = values.filter(({ User }) => User?.UserId === user);
          assert.deepEqual(sorted(log.ofUser(user).map((entry) => entry.endpoint)), sorted(expected));
        }
        for (const address of ['1', '2', '3']) {
          const expected = values.filter(({ Address }) => Address === address);
          assert.deepEqual(sorted(log.withAddress(address).map((entry) => entry.endpoint)), sorted(expected));
        }
        log.close();
      }),
      { numRuns: 60 },
    );
  });

  it('is written once for several changes in a row', async () => {
    const log = await EndpointLog.open(file);
    for (let round = 0; round < 10; round++) log.put(endpoint('a', `${round}`));
    log.flush();
    log.close();
    assert.match(await readFile(file, 'utf8'), /^[^\n]*"Address":"9"[^\n]*\n$/);
  });

  it('writes lines that are longer than its buffer', async () => {
    const log = await EndpointLog.open(file);
    const long = endpoint('long', '1', undefined, 'ä'.repeat(2_000_000));
    log.put(endpoint('before', '0'));
    log.put(long);
    log.put(endpoint('after', '2'));
    log.flush();
    log.put(endpoint('last', '3'));
    log.close();
    const reopened = await EndpointLog.open(file);
    assert.deepEqual(reopened.get('long'), long);
    assert.equal(reopened.get('after')?.Address, '2');
    assert.equal(reopened.size, 4);
    reopened.close();
  });

  it('finds entries not yet on disk, and all of many', async () => {
    const log = await EndpointLog.open(file);
    for (let index = 0; index < 20_000; index++)
      log.put(endpoint(`id-${index}`, `address-${index}`, `u${index % 7000}`));
    assert.equal((await stat(file)).size, 0);
    assert.equal(log.get('ID-19999')?.Address, 'address-19999');
    assert.equal(log.get('id-3')?.Address, 'address-3');
    assert.equal(log.get('id-20000'), undefined);
    log.flush();
    assert.ok((await stat(file)).size > 0);
    assert.deepEqual(
      log.ofUser('u6000').map((entry) => entry.endpoint.Id),
      ['id-6000', 'id-13000'],
    );
    assert.deepEqual(
      (await all(log)).map(({ Id }) => Id),
      Array.from({ length: 20_000 }, (_, index) => `id-${index}`),
    );
    log.close();
  });

  it('lists the entries at the start of the listing', async () => {
    const log = await EndpointLog.open(file);
    for (let index = 0; index < 5000; index++) log.put(endpoint(`id-${index}`, 'before'));
    const seen: Endpoint[] = [];
    for await (const lines of log.lines()) {
      if (seen.length === 0) {
        log.put(endpoint('id-4999', 'after'));
        log.put(endpoint('new', 'after'));
        log.delete('id-4998');
      }
      seen.push(...lines.map((line) => JSON.parse(line.toString()) as Endpoint));
    }
    assert.equal(seen.length, 5000);
    assert.ok(seen.every(({ Address }) => Address === 'before'));
    log.close();
  });

  it('is compacted when it is opened', async () => {
    const log = await EndpointLog.open(file);
    for (let round = 0; round < 6; round++) {
      for (let index = 0; index < 1000; index++)
        log.put(endpoint(`id-${index}`, `r${round}`, undefined, 'x'.repeat(1000)));
      log.flush();
    }
    for (let index = 500; index < 1000; index++) log.delete(`id-${index}`);
    log.close();
    const before = (await stat(file)).size;
    const reopened = await EndpointLog.open(file);
    const found = await all(reopened);
    assert.equal(found.length, 500);
    assert.ok(found.every(({ Address }) => Address === 'r5'));
    assert.ok((await stat(file)).size < before / 10);
    reopened.put(endpoint('late', 'late'));
    reopened.close();
    assert.match(await readFile(file, 'utf8'), /"Id":"late"[^\n]*\n$/);
  });

  it('drops an incomplete last line', async () => {
    const log = await EndpointLog.open(file);
    log.put(endpoint('a', '1'));
    log.close();
    const whole = await readFile(file, 'utf8');
    await appendFile(file, whole.slice(0, -10));
    const reopened = await EndpointLog.open(file);
    reopened.put(endpoint('b', '2'));
    reopened.close();
    assert.deepEqual(
      (await readFile(file, 'utf8')).split('\n').map((line) => line.length > 0),
      [true, true, false],
    );
  });

  it('distinguishes keys with the same hash', () => {
    const index = new HashIndex();
    for (let entry = 0; entry < 5000; entry++) index.add(entry % 10, entry);
    for (let entry = 0; entry < 5000; entry += 2) index.remove(entry);
    index.remove(4);
    index.add(3, 4);
    const found = [...index.find(3)].sort((one, other) => one - other);
    const expected = [4, ...Array.from({ length: 500 }, (_, n) => 10 * n + 3)].sort(
      (one, other) => one - other,
    );
    assert.deepEqual(found, expected);
    assert.deepEqual([...index.find(0)], []);
    assert.equal(hashOf(''), 0x811c9dc5);
    assert.equal(hashOf('a'), 0xe40c292c);
  });

  it('splits lines wherever chunks end', async () => {
    const text = 'one\n\ntwo\r\nthree 😀\nlast';
    for (let size = 1; size <= 12; size++) {
      const bytes = Buffer.from(text);
      const chunks = async function* (): AsyncGenerator<Buffer> {
        for (let at = 0; at < bytes.length; at += size)
          yield await Promise.resolve(bytes.subarray(at, at + size));
      };
      const found: string[] = [];
      for await (const batch of lineBatches(chunks()))
        found.push(...[...batch].map((line) => line.toString()));
      assert.deepEqual(found, text.split('\n'));
      const cut: number[] = [];
      for await (const batch of lineBatches(chunks(), 4)) cut.push(...[...batch].map((line) => line.length));
      assert.deepEqual(cut, [3, 0, 4, 5, 4]);
    }
  });
});

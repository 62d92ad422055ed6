import assert from 'node:assert/strict';
import { Session } from 'node:inspector/promises';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds.ts';
import { api, connect, extension, run, sandbox } from './support.ts';

/** The files of the built extension that this process has loaded, as its JavaScript engine knows them. */
async function loadedFiles(): Promise<readonly { readonly url: string; readonly source: string }[]> {
  const session = new Session();
  session.connect();
  try {
    const scripts: { url: string; scriptId: string }[] = [];
    session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params));
    await session.post('Debugger.enable');
    const dist = vscode.Uri.joinPath(extension().extensionUri, 'dist').path;
    const ours = scripts.filter(({ url }) => url.includes(`${dist}/`) && !url.includes(`${dist}/test/`));
    return await Promise.all(
      ours.map(async ({ url, scriptId }) => {
        const { scriptSource } = await session.post('Debugger.getScriptSource', { scriptId });
        return { url, source: scriptSource };
      }),
    );
  } finally {
    session.disconnect();
  }
}

/** Text that no bundle of the SDK is without, minified or not. */
const sdk = /x-amz-content-sha256/;

describe('Activation', () => {
  it('gives other extensions the documented interface', async () => {
    const { version, jobs, connection } = await api();
    assert.equal(version, 1);
    assert.deepEqual(Object.keys(jobs).sort(), ['get', 'list', 'onDidChange', 'waitFor']);
    assert.ok(Array.isArray(jobs.list()));
    assert.equal(jobs.get('no-such-run'), undefined);
    assert.equal(connection.current, undefined);
    assert.deepEqual(Object.keys(connection).sort(), ['current', 'onDidChange']);
  });

  it('loads the AWS SDK when it first talks to AWS, and not before', async () => {
    await api();
    const before = await loadedFiles();
    assert.ok(
      before.some(({ url }) => url.endsWith('/extension.js')),
      'the extension itself is seen',
    );
    assert.deepEqual(
      before.filter(({ source }) => sdk.test(source)).map(({ url }) => url),
      [],
    );
    await connect();
    const after = await loadedFiles();
    assert.ok(
      after.some(({ source }) => sdk.test(source)),
      'the SDK is recognised once it is there',
    );
  });

  it('registers every command of the table and no other', async () => {
    const registered = await vscode.commands.getCommands(true);
    const ours = registered.filter(
      // The editor itself registers commands for each view, such as `….focus` and `….resetViewLocation`.
      (id) => id.startsWith('pinpointAudience.') && !/^pinpointAudience\.(audience|mirrors|jobs)\./.test(id),
    );
    assert.deepEqual(ours.sort(), [...Object.values(commandIds)].sort());
  });

  it('fires when the connection changes', async () => {
    const { connection } = await api();
    const seen: (string | undefined)[] = [];
    const subscription = connection.onDidChange((identity) => seen.push(identity?.region));
    await run('disconnect', {});
    assert.equal(connection.current, undefined);
    await connect();
    assert.equal((await api()).connection.current?.region, sandbox.region);
    subscription.dispose();
    assert.equal(seen.at(-1), sandbox.region);
    assert.ok(seen.includes(undefined));
  });
});

import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { api, bad, connect, files, findingsOf, good, place, roles, until } from './support.ts';

/** Waits for the end of a task's process; the code is `undefined` where it was terminated. */
async function ends(
  task: vscode.Task,
  during?: (execution: vscode.TaskExecution) => unknown,
): Promise<number | undefined> {
  const codes: (number | undefined)[] = [];
  const subscription = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
    if (execution.task.name === task.name) codes.push(exitCode);
  });
  try {
    const execution = await vscode.tasks.executeTask(task);
    await during?.(execution);
    await until('the task to end', () => (codes.length > 0 ? true : undefined));
    return codes[0];
  } finally {
    subscription.dispose();
  }
}

describe('Tasks', () => {
  let given: Awaited<ReturnType<typeof files>>;
  let at: Awaited<ReturnType<typeof place>>;
  let settings: string;
  let declared: ReadonlyMap<string, vscode.Task>;

  const task = (label: string): vscode.Task => {
    const found = declared.get(label);
    assert.ok(found, `${label} among ${[...declared.keys()].join(', ')}`);
    return found;
  };

  before(async () => {
    await connect();
    at = await place('tasks');
    const mirror = {
      name: 'Of a task',
      source: 'good.csv',
      project: at.projectId,
      segment: 'Mirrored',
      identifier: 'Id',
    };
    given = await files('tasks', {
      'good.csv': good,
      'bad.csv': bad,
      'pinpoint-audience.json': JSON.stringify({ mirrors: [mirror] }),
    });
    const root = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const folder = given.folder.fsPath.slice(root.length + 1);
    const job = { projectId: at.projectId, bucket: at.bucket, confirm: false };
    const definitions: Readonly<Record<string, object>> = {
      'check good': { action: 'validate', files: [`${folder}/good.csv`] },
      'check all': { action: 'validate', files: ['${workspaceFolder}/' + folder] },
      'check none': { action: 'validate', files: [`${folder}/gone.csv`] },
      'import good': { ...job, action: 'import', files: [`${folder}/good.csv`], segmentName: 'By a task', roleArn: roles.import },
      'import bad': { ...job, action: 'import', files: [`${folder}/bad.csv`], segmentName: 'Bad', roleArn: roles.import },
      'import refused': { ...job, action: 'import', files: [`${folder}/good.csv`], segmentName: 'Refused', roleArn: `${roles.import}NotAssumable` },
      export: { ...job, action: 'export', roleArn: roles.export, download: `${folder}/down` },
      mirror: { action: 'mirror', mirror: 'Of a task', bucket: at.bucket, roleArn: roles.import, exportRoleArn: roles.export, confirm: false },
      'mirror none': { action: 'mirror', mirror: 'Of nobody', confirm: false },
      sideways: { action: 'sideways' },
    }; // prettier-ignore
    settings = join(root, '.vscode');
    await mkdir(settings, { recursive: true });
    const tasks = Object.entries(definitions).map(([label, definition]) => ({
      label,
      type: 'pinpointAudience',
      ...definition,
    }));
    await writeFile(join(settings, 'tasks.json'), JSON.stringify({ version: '2.0.0', tasks }));
    // The editor notices a new tasks.json a little later.
    const deadline = Date.now() + 60_000;
    do {
      const all = await vscode.tasks.fetchTasks({ type: 'pinpointAudience' });
      declared = new Map(all.map((one) => [one.name, one]));
    } while (!declared.has('export') && Date.now() < deadline);
  });

  after(async () => {
    await rm(join(settings, 'tasks.json'), { force: true });
    await at.remove();
    await given.remove();
    for (const terminal of vscode.window.terminals) terminal.dispose();
  });

  it('are offered for the open folder', () => {
    const { definition } = task('Validate all endpoint files');
    assert.deepEqual(definition, { type: 'pinpointAudience', action: 'validate', files: ['.'] });
  });

  it('validate files, with exit codes of the command line and findings in Problems', async () => {
    assert.equal(await ends(task('check good')), 0);
    assert.equal(await ends(task('check all')), 1);
    assert.ok(findingsOf(given.uri('bad.csv')).length > 0);
    assert.equal(await ends(task('check none')), 2);
    assert.equal(await ends(task('sideways')), 2);
  });

  it('import files and run until the job has ended', async () => {
    assert.equal(await ends(task('import good')), 0);
    const run = (await api()).jobs.list().find(({ import: into }) => into?.segmentName === 'By a task');
    assert.equal(run?.state, 'completed');
    assert.equal(await ends(task('import bad')), 2);
    assert.equal(await ends(task('import refused')), 2);
  });

  it('export and download', async () => {
    assert.equal(await ends(task('export')), 0);
    const [file] = await readdir(join(given.folder.fsPath, 'down'));
    assert.equal(file, 'tasks.ndjson');
  });

  it('run a mirror, and succeed if the segment is exact', async () => {
    assert.equal(await ends(task('mirror')), 0);
    assert.equal(await ends(task('mirror none')), 2);
  });

  it('leave a created job to the Jobs view when they are terminated', async () => {
    const { jobs } = await api();
    const before = new Set(jobs.list().map(({ id }) => id));
    const code = await ends(task('import good'), async (execution) => {
      await until('the job', () => jobs.list().find((run) => !before.has(run.id) && run.job));
      execution.terminate();
    });
    assert.notEqual(code, 0);
    const run = jobs.list().find(({ id }) => !before.has(id))!;
    assert.equal((await jobs.waitFor(run.id)).state, 'completed');
  });
});

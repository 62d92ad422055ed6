import { isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { isCancelled } from '../errors.ts';
import { hasEnded, type RunRecord } from '../jobs/runs/runRecord.ts';
import type { BulkRecord } from '../jobs/bulk/bulkRecord.ts';
import { aggregateJob } from '../jobs/runs/aggregateJob.ts';
import { commandIds, type CommandId } from '../host/commandIds.ts';
import { formatCount, plural } from '../host/format.ts';
import type { CommandServices } from '../commands/framework/commandServices.ts';
import { readInvocation, type Invocation } from '../commands/framework/invocation.ts';
import { allowed } from '../commands/framework/unattended.ts';
import { downloadExport } from '../commands/export/exportDownload.ts';
import { startExport } from '../commands/export/startExport.ts';
import { importFile, type ImportServices } from '../commands/import/importFile.ts';
import { allDeclared, chooseMirrors } from '../commands/mirrors/chooseMirrors.ts';
import { runMirrors, type MirrorServices } from '../commands/mirrors/mirrorCommands.ts';
import { validateFile } from '../commands/validate/validateFile.ts';
import { terminalLine } from '../host/inertText.ts';
import { errorText } from '../commands/framework/showError.ts';

type Services = ImportServices & MirrorServices & Pick<CommandServices, 'runs' | 'documents'>;

const taskType = 'pinpointAudience';

/** A task of tasks.json; see `taskDefinitions` in package.json. */
interface Definition extends vscode.TaskDefinition {
  readonly action: 'validate' | 'import' | 'export' | 'mirror';
  readonly files?: readonly string[];
  /** Of the workspace; all mirrors if absent. */
  readonly mirror?: string;
  readonly download?: string;
  readonly confirm?: boolean;
  readonly [option: string]: unknown;
}

/** The same as of the command line. */
const exitCodes = { done: 0, failed: 1, broken: 2, cancelled: 130 } as const;

/** Validation, imports, exports and mirrors as tasks, with terminal output and exit codes. */
export function registerTasks(services: Services): vscode.Disposable {
  const taskOf = (
    definition: Definition,
    scope: vscode.WorkspaceFolder | vscode.TaskScope,
    name: string,
  ): vscode.Task => {
    const folder = typeof scope === 'object' ? scope.uri : vscode.workspace.workspaceFolders?.[0]?.uri;
    const task = new vscode.Task(
      definition,
      scope,
      name,
      vscode.l10n.t('Pinpoint Audience'),
      // VS Code has resolved variables here.
      new vscode.CustomExecution((resolved) =>
        Promise.resolve(new TaskTerminal(resolved as Definition, folder, services)),
      ),
      [],
    );
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
    return task;
  };
  return vscode.tasks.registerTaskProvider(taskType, {
    provideTasks: () =>
      (vscode.workspace.workspaceFolders ?? [])
        .filter(({ uri }) => uri.scheme === 'file')
        .map((folder) =>
          taskOf(
            { type: taskType, action: 'validate', files: ['.'] },
            folder,
            vscode.l10n.t('Validate all endpoint files'),
          ),
        ),
    resolveTask: ({ definition, scope, name }) =>
      taskOf(definition as Definition, scope ?? vscode.TaskScope.Workspace, name),
  });
}

/** Runs a task and writes its progress line by line. Terminating it cancels what can be cancelled. */
class TaskTerminal implements vscode.Pseudoterminal {
  readonly #definition: Definition;
  readonly #folder: vscode.Uri | undefined;
  readonly #services: Services;
  readonly #write = new vscode.EventEmitter<string>();
  readonly #close = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#write.event;
  readonly onDidClose = this.#close.event;
  readonly #stop = new AbortController();

  constructor(definition: Definition, folder: vscode.Uri | undefined, services: Services) {
    this.#definition = definition;
    this.#folder = folder;
    this.#services = services;
  }

  open(): void {
    void this.#run();
  }

  close(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    try {
      this.#close.fire(await this.#act());
    } catch (error) {
      const isStopped = isCancelled(error) || error instanceof vscode.CancellationError;
      this.#line(isStopped ? vscode.l10n.t('Cancelled.') : errorText(error));
      this.#close.fire(isStopped ? exitCodes.cancelled : exitCodes.broken);
    }
  }

  #act(): Promise<number> {
    switch (this.#definition.action) {
      case 'validate':
        return this.#validate();
      case 'import':
        return this.#start(commandIds.importFile, (call) => importFile(call, this.#services), this.#files());
      case 'export': {
        const what = this.#definition['segmentId'] === undefined ? 'project' : 'segment';
        const id = what === 'segment' ? commandIds.exportSegment : commandIds.exportProject;
        return this.#start(id, (call) => startExport(call, what, this.#services));
      }
      case 'mirror':
        return this.#mirror();
      default:
        this.#line(vscode.l10n.t('Missing action: use validate, import, export or mirror.'));
        return Promise.resolve(exitCodes.broken);
    }
  }

  /** A call as another extension's: held to the same rules in Restricted Mode. */
  #call(id: CommandId, args: readonly unknown[], options: object): Promise<Invocation> {
    return allowed(readInvocation([...args, { ...options, signal: this.#stop.signal }]), id);
  }

  async #validate(): Promise<number> {
    const call = await this.#call(commandIds.validateFile, [this.#files()], {});
    const summaries = [await validateFile(call, this.#services)].flat();
    for (const { file, records, errors, warnings, infos, issues } of summaries) {
      // Terminals turn this into a link.
      for (const { line, column, severity, code, message } of issues.slice(0, maxIssues)) {
        this.#line(`${file}:${line}:${column} ${severity} ${code}: ${message}`);
      }
      const more = errors + warnings + infos - Math.min(issues.length, maxIssues);
      if (more > 0) this.#line(vscode.l10n.t('and {0} more: see Problems', formatCount(more)));
      this.#line(
        vscode.l10n.t(
          '{0}: {1}, {2}, {3}, {4}',
          vscode.workspace.asRelativePath(file),
          plural(records, '1 record', '{0} records'),
          plural(errors, '1 error', '{0} errors'),
          plural(warnings, '1 warning', '{0} warnings'),
          plural(infos, '1 info', '{0} infos'),
        ),
      );
    }
    return summaries.some(({ errors }) => errors > 0) ? exitCodes.failed : exitCodes.done;
  }

  /** Starts a job as the command does, and waits until it has finished. */
  async #start(
    id: CommandId,
    start: (call: Invocation) => Promise<RunRecord | BulkRecord>,
    ...files: readonly unknown[]
  ): Promise<number> {
    const { type: _type, action: _action, files: _files, download, ...options } = this.#definition;
    const started = await start(await this.#call(id, files, options));
    if ('counts' in started) return this.#reportBulk(started);
    const ended = await this.#follow(started);
    if (ended.state !== 'completed') {
      const { message, help } = ended.error ?? {
        message: vscode.l10n.t("The job didn't complete."),
        help: undefined,
      };
      this.#line(message);
      if (help !== undefined) this.#line(help);
      return exitCodes.failed;
    }
    if (download !== undefined && ended.export) {
      const into = { folder: this.#path(download), confirm: false };
      const call = await this.#call(commandIds.downloadExport, [ended.id], into);
      const paths = await downloadExport(call, this.#services);
      for (const path of paths) this.#line(path);
    }
    return (aggregateJob(ended)?.totalFailures ?? 0) > 0 ? exitCodes.failed : exitCodes.done;
  }

  /** A small file can be sent without a job, if the person chooses so. */
  #reportBulk({ state, counts, trouble }: BulkRecord): number {
    this.#line(vscode.l10n.t('{0} done, {1} failed', formatCount(counts.done), formatCount(counts.failed)));
    if (trouble) this.#line([trouble.message, trouble.help].filter(Boolean).join('. '));
    return state === 'completed' && counts.failed === 0 ? exitCodes.done : exitCodes.failed;
  }

  async #mirror(): Promise<number> {
    const { type: _type, action: _action, mirror, ...options } = this.#definition;
    const id = mirror === undefined ? commandIds.runAllMirrors : commandIds.runMirror;
    const call = await this.#call(id, mirror === undefined ? [] : [mirror], options);
    const mirrors = await (mirror === undefined ? allDeclared() : chooseMirrors(call));
    const records = await runMirrors(call, mirrors, this.#services);
    for (const { name, outcome, members, after, companions, trouble } of records) {
      this.#line(plural(members, '{1}: {2}, 1 member', '{1}: {2}, {0} members', name, outcome ?? ''));
      if (after && outcome !== 'mirrored') {
        this.#line(
          vscode.l10n.t(
            '{0} missing, {1} different, {2} extra',
            formatCount(after.added),
            formatCount(after.changed),
            formatCount(after.removed),
          ),
        );
      }
      if (companions !== undefined) {
        this.#line(
          plural(
            companions,
            'Pinpoint also added 1 other endpoint of the same users',
            'Pinpoint also added {0} other endpoints of the same users',
          ),
        );
      }
      if (trouble) this.#line([trouble.message, trouble.help].filter(Boolean).join('. '));
    }
    return records.every(({ outcome }) => outcome === 'mirrored') ? exitCodes.done : exitCodes.failed;
  }

  async #follow(started: RunRecord): Promise<RunRecord> {
    let written = '';
    const write = (run: RunRecord): void => {
      const job = aggregateJob(run);
      const counts = [
        job?.totalProcessed !== undefined && vscode.l10n.t('{0} processed', formatCount(job.totalProcessed)),
        (job?.totalFailures ?? 0) > 0 && vscode.l10n.t('{0} failed', formatCount(job!.totalFailures!)),
      ].filter((part) => part !== false);
      const status = hasEnded(run) || run.state !== 'running' ? run.state : (job?.status ?? run.state);
      const line = [status.toLowerCase().replaceAll('_', ' '), ...counts].join(', ');
      if (line !== written) this.#line(line);
      written = line;
    };
    this.#line(vscode.l10n.t('Job {0}', started.job?.id ?? started.id));
    write(started);
    const subscription = this.#services.runs.onDidChange((run) => run?.id === started.id && write(run));
    try {
      const ended = await this.#services.runs.waitFor(started.id, this.#stop.signal);
      write(ended);
      return ended;
    } catch (error) {
      if (isCancelled(error)) await this.#cancelUnstarted(started.id);
      throw error;
    } finally {
      subscription.dispose();
    }
  }

  /** The service can't stop a job once it exists: the Jobs view continues to watch it. */
  async #cancelUnstarted(id: string): Promise<void> {
    const run = this.#services.runs.get(id);
    if (run?.import && (run.state === 'queued' || run.state === 'staging'))
      await this.#services.runs.cancel(id);
  }

  #files(): readonly vscode.Uri[] {
    return (this.#definition.files ?? []).map((file) => vscode.Uri.file(this.#path(file)));
  }

  #path(path: string): string {
    return isAbsolute(path) || !this.#folder ? path : join(this.#folder.fsPath, path);
  }

  #line(text: string): void {
    this.#write.fire(terminalLine(text));
  }
}

/** Findings written per file; Problems has the others. */
const maxIssues = 20;

import { join } from 'node:path';
import type * as vscode from 'vscode';
import { createConnections } from './aws/connection/createConnections.ts';
import { commandTable } from './commands/commandTable.ts';
import { notifyOrphanedOperations } from './commands/audience/resumeBulk.ts';
import { registerCommands } from './commands/framework/registerCommands.ts';
import { askAboutConflict, confirmSave } from './commands/audience/saveDocument.ts';
import { registerTasks } from './tasks/taskProvider.ts';
import { AudienceFiles } from './editor/audience/audienceFiles.ts';
import { EndpointFileLens } from './editor/codeLens.ts';
import { registerCompletion } from './editor/completion.ts';
import { ResultDecoration } from './editor/decoration.ts';
import { Findings } from './editor/problems.ts';
import { Fixes } from './editor/quickFixes.ts';
import { registerHover } from './editor/hover.ts';
import { JobFailures } from './editor/jobFailures.ts';
import { LiveCheck } from './editor/liveCheck.ts';
import { TaskThreads } from './endpoints/transform/taskThreads.ts';
import { createValidator } from './endpoints/validation/validator.ts';
import { ConnectionSettingsWatch } from './host/connectionSettingsWatch.ts';
import { setContext } from './host/contextKeys.ts';
import { createLog, type Log } from './host/outputLog.ts';
import { Memory } from './host/sessionMemory.ts';
import { askMfaCode } from './host/prompts.ts';
import { SandboxProcess } from './host/sandboxProcess.ts';
import { SignInWatch } from './host/signIn.ts';
import { Session } from './host/session.ts';
import { refusesUnencrypted } from './host/unencrypted.ts';
import { setPermissions } from './permissions.ts';
import { getSetting, onDidChangeSetting, unzipLimit } from './host/settings.ts';
import { Bulk } from './jobs/bulk/bulkService.ts';
import { Erasure } from './jobs/erasure.ts';
import { Mirrors } from './jobs/mirror/mirrors.ts';
import type { Runs } from './jobs/runs/runs.ts';
import { createRuns } from './jobs/runs/runsService.ts';
import { SetupRecords } from './jobs/setup/setupRecords.ts';
import { VirtualDocuments } from './pages/virtualDocuments.ts';
import { notifyOfQuarantined } from './views/quarantineMessage.ts';
import { MirrorsTree } from './views/mirrorsTree.ts';
import { Notifier } from './views/notifier.ts';
import { RunCounts } from './views/runCounts.ts';
import { StatusBar } from './views/statusBar.ts';
import { ReportPanels } from './pages/report/reportPanels.ts';
import { TreeViews } from './views/views.ts';
import { errorText } from './commands/framework/showError.ts';

/** The services that the extension's API needs. */
export interface Services {
  readonly session: Session;
  readonly runs: Runs;
  dispose(): Promise<void>;
}

/**
 * Creates everything and registers it with the editor. Nothing here waits, calls a service or starts a worker:
 * the AWS SDK, the validator's workers and the sandbox start on first use.
 */
export function createServices(context: vscode.ExtensionContext): Services {
  const { extensionUri } = context;
  const log = createLog();
  const applyPermissions = (): void => setPermissions(getSetting('files.permissions'));
  applyPermissions();
  context.subscriptions.push(onDidChangeSetting('files.permissions', applyPermissions));

  const core = createCore(context, log);
  const { connections, session, runs } = core;
  const signIn = new SignInWatch(connections, session);
  const counts = new RunCounts(runs, core.memory);
  const services = { ...core, ...createWindow(core, counts, extensionUri, log), log, extensionUri };
  // Disposed in this order: what uses a service before the service itself.
  const parts: readonly { dispose(): unknown }[] = [
    registerCommands(commandTable(services), log, (error) => signIn.isShown(error)),
    registerTasks(services),
    ...editorParts(services),
    services.views,
    new StatusBar(session, counts),
    counts,
    new Notifier(runs, log),
    services.documents,
    services.reports,
    services.audienceFiles,
    new MirrorsTree(core.mirrors),
    ...reactions(services),
    core.bulk,
    core.mirrors,
    core.erasure,
    services.checks,
    services.failures,
    signIn,
    session,
    core.sandbox,
    runs,
    core.transforms,
    core.validator,
  ];
  if (session.connectsAtStart) void session.resume();
  removeOld([core.bulk, core.erasure, core.mirrors], log);
  notifyOrphanedOperations(services).catch((error: unknown) => {
    log.error('Could not read unfinished bulk operations', error);
  });
  return {
    session,
    runs,
    dispose: async () => {
      for (const part of parts) await part.dispose();
      log.dispose();
    },
  };
}

/** The services that need no window, and the session. */
function createCore({ extensionUri, globalStorageUri, workspaceState }: vscode.ExtensionContext, log: Log) {
  const stored = (name: string): string => join(globalStorageUri.fsPath, name);
  const built = (name: string): string => join(extensionUri.fsPath, 'dist', name);
  const memory = new Memory(workspaceState);
  const connectionOptions = {
    log,
    mfaCode: askMfaCode,
    refusesUnencrypted: (hosts: readonly string[]) => refusesUnencrypted(hosts, memory),
  };
  const connections = createConnections(connectionOptions);
  const runs = createRuns({
    folder: stored('runs'),
    log,
    maxRunningImports: () => getSetting('jobs.maxRunningImports'),
    report: (messages) => notifyOfQuarantined(messages, stored('runs')),
  });
  const sandbox = new SandboxProcess(built('cli.js'), stored('sandbox'), (line) =>
    log.info(`Sandbox: ${line}`),
  );
  return {
    memory,
    connections,
    runs,
    sandbox,
    validator: createValidator({
      workerFile: built('worker.js'),
      memoryBytes: () => getSetting('validation.memory') * 2 ** 20 || undefined,
      spill: () => getSetting('validation.spill'),
    }),
    transforms: new TaskThreads(built('taskWorker.js'), unzipLimit),
    bulk: new Bulk({ folder: stored('bulk'), log, unzipLimit }),
    setups: new SetupRecords(stored('setups')),
    erasure: new Erasure({ folder: stored('erasures'), log }),
    mirrors: new Mirrors({ folder: stored('mirrors'), runs, log, unzipLimit }),
    session: new Session(
      { main: connections, secondary: createConnections(connectionOptions) },
      sandbox,
      memory,
      process.env['PINPOINT_AUDIENCE_SANDBOX'],
    ),
  };
}

type Core = ReturnType<typeof createCore>;

/** The services that show something: documents, Problems, trees and pages. */
function createWindow(
  { session, runs, memory, validator }: Core,
  counts: RunCounts,
  extensionUri: vscode.Uri,
  log: Log,
) {
  const checks = new Findings(validator, log);
  const failures = new JobFailures(runs, log);
  return {
    checks,
    failures,
    audienceFiles: new AudienceFiles(session, {
      confirm: confirmSave,
      conflict: askAboutConflict,
      words: errorText,
    }),
    documents: new VirtualDocuments(session, runs, failures),
    views: new TreeViews(session, runs, counts, memory, log),
    reports: new ReportPanels(checks, log, extensionUri),
  };
}

type All = Core & ReturnType<typeof createWindow> & { readonly log: Log; readonly extensionUri: vscode.Uri };

/** Help, fixes and validation in editors. */
function editorParts({ transforms, checks, extensionUri, log }: All): readonly { dispose(): unknown }[] {
  return [
    registerHover(),
    registerCompletion(),
    new Fixes(transforms),
    new EndpointFileLens(checks),
    new ResultDecoration(checks),
    new LiveCheck(join(extensionUri.fsPath, 'dist', 'documentWorker.js'), checks, log),
  ];
}

/** What changes in one part mean for others. */
function reactions({ audienceFiles, views, session, runs, log }: All): readonly { dispose(): unknown }[] {
  return [
    audienceFiles.onDidSave(({ kind, projectId }) => {
      if (kind === 'segments' || kind === 'drafts') views.refreshSegments(projectId);
    }),
    followBucketSetting(),
    new ConnectionSettingsWatch(session, () => views.audienceVisible),
    session.onDidChange((state) => {
      if (state.kind === 'connected') resumeRuns(runs, state.connection, log);
    }),
    session.onDidChangeSignIn((trouble) => {
      if (trouble !== undefined) return;
      runs.poke();
      views.refresh();
    }),
  ];
}

/** Resumes runs that an earlier window left, as soon as there is a connection. */
function resumeRuns(runs: Runs, connection: Parameters<Runs['resume']>[0], log: Log): void {
  runs.resume(connection).catch((error: unknown) => {
    log.error('Could not resume runs', error);
  });
}

/** Removes expired records and what killed windows left, in the background. */
function removeOld(parts: readonly { sweep(): Promise<void> }[], log: Log): void {
  for (const part of parts) {
    part.sweep().catch((error: unknown) => {
      log.warn('Old records could not be removed', error);
    });
  }
}

function followBucketSetting(): vscode.Disposable {
  const update = (): void => setContext('hasBucket', getSetting('staging.bucket') !== '');
  update();
  return onDidChangeSetting('staging.bucket', update);
}

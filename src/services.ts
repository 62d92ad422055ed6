import { join } from 'node:path';
import type * as vscode from 'vscode';
import { createConnections } from './aws/connection/createConnections.ts';
import { bulkCommands } from './commands/audience/bulkCommands.ts';
import { notifyOrphanedOperations } from './commands/audience/resumeBulk.ts';
import { bucketCommands } from './commands/bucket/bucketCommands.ts';
import { compareCommands } from './commands/transform/compareFiles.ts';
import { connectionCommands } from './commands/connection/connectionCommands.ts';
import { documentCommands } from './commands/help/helpCommands.ts';
import { endpointCommands } from './commands/audience/endpointCommands.ts';
import { exportCommands } from './commands/export/exportCommands.ts';
import { fixedCopyCommands } from './commands/transform/writeFixedCopy.ts';
import { importCommands } from './commands/import/importFile.ts';
import { jobCommands } from './commands/jobs/jobCommands.ts';
import { registerCommands } from './commands/framework/registerCommands.ts';
import { attributeCommands } from './commands/audience/removeAttributes.ts';
import { reportCommands } from './commands/validate/showReport.ts';
import { resourceCommands } from './commands/help/resourceCommands.ts';
import { mirrorCommands } from './commands/mirrors/mirrorCommands.ts';
import { askAboutConflict, confirmSave } from './commands/audience/saveDocument.ts';
import { segmentCommands } from './commands/audience/segmentCommands.ts';
import { setupCommands } from './commands/setup/checkSetup.ts';
import { registerTasks } from './tasks/taskProvider.ts';
import { transformCommands } from './commands/transform/transformFiles.ts';
import { uploadCommands } from './commands/import/uploadFile.ts';
import { validateCommands } from './commands/validate/validateFile.ts';
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
  const { extensionUri, globalStorageUri } = context;
  const log = createLog();
  const applyPermissions = (): void => setPermissions(getSetting('files.permissions'));
  applyPermissions();
  context.subscriptions.push(onDidChangeSetting('files.permissions', applyPermissions));
  const memory = new Memory(context.workspaceState);

  const validator = createValidator({
    workerFile: join(extensionUri.fsPath, 'dist', 'worker.js'),
    memoryBytes: () => getSetting('validation.memory') * 2 ** 20 || undefined,
    spill: () => getSetting('validation.spill'),
  });
  const transforms = new TaskThreads(join(extensionUri.fsPath, 'dist', 'taskWorker.js'), unzipLimit);
  const connectionOptions = {
    log,
    mfaCode: askMfaCode,
    refusesUnencrypted: (hosts: readonly string[]) => refusesUnencrypted(hosts, memory),
  };
  const connections = createConnections(connectionOptions);
  const runsFolder = join(globalStorageUri.fsPath, 'runs');
  const runs = createRuns({
    folder: runsFolder,
    log,
    maxRunningImports: () => getSetting('jobs.maxRunningImports'),
    report: (messages) => notifyOfQuarantined(messages, runsFolder),
  });
  const bulk = new Bulk({ folder: join(globalStorageUri.fsPath, 'bulk'), log, unzipLimit });
  const setups = new SetupRecords(join(globalStorageUri.fsPath, 'setups'));
  const erasure = new Erasure({ folder: join(globalStorageUri.fsPath, 'erasures'), log });
  const mirrors = new Mirrors({
    folder: join(globalStorageUri.fsPath, 'mirrors'),
    runs,
    log,
    unzipLimit,
  });
  const sandbox = new SandboxProcess(
    join(extensionUri.fsPath, 'dist', 'cli.js'),
    join(globalStorageUri.fsPath, 'sandbox'),
    (line) => log.info(`Sandbox: ${line}`),
  );
  const session = new Session(
    { main: connections, secondary: createConnections(connectionOptions) },
    sandbox,
    memory,
    process.env['PINPOINT_AUDIENCE_SANDBOX'],
  );

  const audienceFiles = new AudienceFiles(session, {
    confirm: confirmSave,
    conflict: askAboutConflict,
    words: errorText,
  });
  const signIn = new SignInWatch(connections, session);

  const checks = new Findings(validator, log);
  const failures = new JobFailures(runs, log);
  const documents = new VirtualDocuments(session, runs, failures);
  const counts = new RunCounts(runs, memory);
  const views = new TreeViews(session, runs, counts, memory, log);

  const reports = new ReportPanels(checks, log, extensionUri);
  const shared = {
    reports,
    setups,
    session,
    sandbox,
    runs,
    bulk,
    erasure,
    mirrors,
    audienceFiles,
    checks,
    validator,
    transforms,
    failures,
    memory,
    views,
    documents,
    log,
    extensionUri,
  };
  const parts: { dispose(): unknown }[] = [
    registerCommands(
      {
        ...validateCommands(shared),
        ...uploadCommands(shared),
        ...bucketCommands(shared),
        ...importCommands(shared),
        ...exportCommands(shared),
        ...fixedCopyCommands(shared),
        ...transformCommands(shared),
        ...compareCommands(shared),
        ...mirrorCommands(shared),
        ...segmentCommands(shared),
        ...endpointCommands(shared),
        ...bulkCommands(shared),
        ...attributeCommands(shared),
        ...connectionCommands(shared),
        ...setupCommands(shared),
        ...resourceCommands(shared),
        ...jobCommands(shared),
        ...reportCommands(shared),
        ...documentCommands(shared),
      },
      log,
      (error) => signIn.isShown(error),
    ),
    registerTasks(shared),
    registerHover(),
    registerCompletion(),
    new Fixes(transforms),
    new EndpointFileLens(checks),
    new ResultDecoration(checks),
    new LiveCheck(join(extensionUri.fsPath, 'dist', 'documentWorker.js'), checks, log),
    views,
    new StatusBar(session, counts),
    counts,
    new Notifier(runs, log),
    documents,
    reports,
    audienceFiles,
    new MirrorsTree(mirrors),
    audienceFiles.onDidSave(({ kind, projectId }) => {
      if (kind === 'segments' || kind === 'drafts') views.refreshSegments(projectId);
    }),
    bulk,
    mirrors,
    erasure,
    checks,
    failures,
    signIn,
    session,
    sandbox,
    runs,
    transforms,
    validator,
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
  if (session.connectsAtStart) void session.resume();
  notifyOrphanedOperations(shared).catch((error: unknown) => {
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

/** Resumes runs that an earlier window left, as soon as there is a connection. */
function resumeRuns(runs: Runs, connection: Parameters<Runs['resume']>[0], log: Log): void {
  runs.resume(connection).catch((error: unknown) => {
    log.error('Could not resume runs', error);
  });
}

function followBucketSetting(): vscode.Disposable {
  const update = (): void => setContext('hasBucket', getSetting('staging.bucket') !== '');
  update();
  return onDidChangeSetting('staging.bucket', update);
}

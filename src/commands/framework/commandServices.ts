import type * as vscode from 'vscode';
import type { AudienceReport } from '../../endpoints/report/report.ts';
import type { Transforms } from '../../endpoints/transform/taskTable.ts';
import type { Bulk } from '../../jobs/bulk/bulkService.ts';
import type { Erasure } from '../../jobs/erasure.ts';
import type { Mirrors } from '../../jobs/mirror/mirrors.ts';
import type { Runs } from '../../jobs/runs/runs.ts';
import type { SetupPlan } from '../../jobs/setup/setupPlan.ts';
import type { SetupRecords } from '../../jobs/setup/setupRecords.ts';
import type { SetupReport } from '../../jobs/setup/setupReport.ts';
import type { Validator } from '../../endpoints/rules/finding.ts';
import type { CheckedObject, Checks } from '../../host/fileChecks.ts';
import type { LocalFile } from '../../host/files.ts';
import type { Failures } from '../../host/failurePlaces.ts';
import type { RunFilter } from '../../host/runFilter.ts';
import type { Log } from '../../host/outputLog.ts';
import type { Memory } from '../../host/sessionMemory.ts';
import type { SandboxProcess } from '../../host/sandboxProcess.ts';
import type { Session } from '../../host/session.ts';
import type { Target, TargetNode } from '../../host/targets.ts';
import type { Page } from '../../pages/page.ts';

/** The services for commands; each command takes those that it needs. */
export interface CommandServices {
  readonly session: Session;
  readonly sandbox: SandboxProcess;
  readonly runs: Runs;
  readonly bulk: Bulk;
  readonly erasure: Erasure;
  readonly mirrors: Mirrors;
  readonly audienceFiles: AudienceDocuments;
  readonly checks: Checks;
  readonly validator: Validator;
  /** Long work on files, in other threads. */
  readonly transforms: Transforms;
  readonly failures: Failures;
  /** Of setups that were started. */
  readonly setups: SetupRecords;
  /** Of this workspace. */
  readonly memory: Memory;
  readonly views: Views;
  readonly documents: Documents;
  readonly reports: Reports;
  readonly log: Log;
  readonly extensionUri: vscode.Uri;
}

/** The trees, for commands. */
interface Views {
  /** The selection in the tree that was focused last: for keybindings, which pass no node. */
  selection(): readonly Target[];
  /** Reloads one node or everything. */
  refresh(node?: TargetNode): void;
  /** Reloads the segments of a project, if they are shown. */
  refreshSegments(projectId: string): void;
  loadMore(node: TargetNode): Promise<void>;
  /** Which runs the Jobs view shows; all without a filter. */
  jobsFilter: RunFilter | undefined;
}

/** Endpoints, users and segments as documents. */
interface AudienceDocuments {
  /** `ask: false` saves without asking. Rejects if the document can't be read. */
  open(uri: vscode.Uri, options: { readonly ask: boolean }): Promise<vscode.TextDocument>;
  /** Reloads open documents. */
  refresh(...uris: readonly vscode.Uri[]): void;
}

/** Reports on the content of files. */
interface Reports {
  /** Validates and counts files, and shows the report. */
  show(files: readonly LocalFile[]): Promise<AudienceReport>;
  /** Writes a report to a file, which is overwritten. */
  write(report: AudienceReport, format: 'markdown' | 'json', path: string): Promise<void>;
}

/** Read-only documents. */
export interface Documents {
  showJob(target: Extract<Target, { kind: 'run' | 'job' }>, section?: 'failures'): Promise<void>;
  showSetup(report: SetupReport): Promise<void>;
  showPlan(plan: SetupPlan): Promise<void>;
  showObjectReport(results: readonly CheckedObject[]): Promise<void>;
  showPage(name: string, write: () => Page): Promise<void>;
}

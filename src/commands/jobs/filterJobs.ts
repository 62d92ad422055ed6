import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Runs } from '../../jobs/runs/runs.ts';
import { plural } from '../../host/format.ts';
import { askOne, type Choice } from '../../host/prompts.ts';
import { fits, runStates, type FilteredState, type RunFilter } from '../../host/runFilter.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';

type Services = Pick<CommandServices, 'runs' | 'views'>;

/** Shows only some of the runs. Options: `state`, `projectId`, `text`; without any, a person is asked. */
export async function filterJobs(
  call: Invocation,
  { runs, views }: Services,
): Promise<RunFilter | undefined> {
  const { state, projectId, text } = readOptions(call, {
    state: 'string',
    projectId: 'string',
    text: 'string',
  });
  if (state !== undefined && !isState(state)) {
    throw new AudienceError('bad-input', `Unknown state: ${state}`, {
      help: `Pass one of ${runStates.join(', ')}.`,
    });
  }
  views.jobsFilter = call.isProgrammatic
    ? { state, projectId, text }
    : await askForFilter(runs, views.jobsFilter);
  if (!call.isProgrammatic) await vscode.commands.executeCommand('pinpointAudience.jobs.focus');
  return views.jobsFilter;
}

function isState(state: string): state is FilteredState {
  return (runStates as readonly string[]).includes(state);
}

async function askForFilter(runs: Runs, current: RunFilter | undefined): Promise<RunFilter | undefined> {
  const projects = new Map(runs.list().map((run) => [run.projectId, run.projectName ?? run.projectId]));
  const states: Readonly<Record<FilteredState, readonly [icon: string, label: string]>> = {
    running: ['sync', vscode.l10n.t('Running')],
    completed: ['pass', vscode.l10n.t('Completed')],
    'with-failures': ['warning', vscode.l10n.t('Completed with failures')],
    failed: ['error', vscode.l10n.t('Failed')],
    stopped: ['circle-slash', vscode.l10n.t('Cancelled or interrupted')],
  };
  const countOf = (count: number): string => plural(count, '1 job', '{0} jobs');
  const choice = (icon: string, label: string, filter: RunFilter): Choice<RunFilter | undefined> => ({
    label,
    iconPath: new vscode.ThemeIcon(icon),
    description: countOf(runs.list().filter((run) => fits(run, filter)).length),
    value: filter,
  });
  return askOne<RunFilter | undefined>(vscode.l10n.t('Filter Jobs'), (asker) =>
    asker.pick<RunFilter | undefined>({
      placeholder: vscode.l10n.t('Select a filter, or type part of a name or ID'),
      choices: [
        { label: vscode.l10n.t('All'), iconPath: new vscode.ThemeIcon('list-flat'), value: undefined },
        ...runStates.map((state) => choice(...states[state], { state })),
        ...[...projects].map(([projectId, name]) => choice('project', name, { projectId })),
      ],
      isActive: (filter) => JSON.stringify(filter) === JSON.stringify(current),
      typed: (text) => (text === '' ? undefined : choice('search', text, { text })),
    }),
  );
}

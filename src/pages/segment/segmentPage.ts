import * as vscode from 'vscode';
import type { Project, Segment, ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { formatCount, formatMoment } from '../../host/format.ts';
import { PageWriter, type Page } from '../page.ts';

/** An imported segment: its definition, sizes and import jobs. */
export function segmentPage(segment: Segment, project: Project, jobs: readonly ServiceJob[]): Page {
  const { imported } = segment;
  const rows: readonly (readonly [string, string | undefined])[] = [
    [vscode.l10n.t('Project'), `${project.name} (${project.id})`],
    [vscode.l10n.t('ID'), segment.id],
    [vscode.l10n.t('Version'), segment.version?.toString()],
    [vscode.l10n.t('Created'), formatMoment(segment.created)],
    [vscode.l10n.t('Changed'), segment.modified && formatMoment(segment.modified)],
    [vscode.l10n.t('Endpoints'), imported && formatCount(imported.size)],
    [vscode.l10n.t('Format'), imported?.format],
    [vscode.l10n.t('From'), imported?.s3Url],
    [vscode.l10n.t('Role'), imported?.roleArn],
  ];
  const channels = Object.entries(imported?.channelCounts ?? {}).sort(([, a], [, b]) => b - a);
  const sorted = [...jobs].sort((a, b) => b.created.localeCompare(a.created));
  const page = new PageWriter();
  page.heading(1, vscode.l10n.t('Imported segment: {0}', segment.name ?? vscode.l10n.t('(no name)')));
  for (const [name, value] of rows) if (value !== undefined && value !== '') page.line(`- ${name}: ${value}`);
  page.heading(2, vscode.l10n.t('Channels'));
  if (channels.length === 0) page.line(vscode.l10n.t("The service doesn't report counts."));
  for (const [channel, count] of channels) page.line(`- ${channel}: ${formatCount(count)}`);
  page.heading(2, vscode.l10n.t('Import jobs'));
  if (sorted.length === 0) page.line(vscode.l10n.t('No import jobs reported.'));
  for (const job of sorted) page.line(jobLine(job));
  return page.page;
}

function jobLine(job: ServiceJob): string {
  const parts = [
    job.status,
    formatMoment(job.created),
    job.totalProcessed !== undefined && vscode.l10n.t('{0} processed', formatCount(job.totalProcessed)),
    (job.totalFailures ?? 0) > 0 && vscode.l10n.t('{0} failed', formatCount(job.totalFailures ?? 0)),
    job.s3Url,
    job.id,
  ];
  return `- ${parts.filter(Boolean).join(' · ')}`;
}

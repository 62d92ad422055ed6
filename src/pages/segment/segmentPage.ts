import * as vscode from 'vscode';
import type { Project, Segment, ServiceJob } from '../../aws/pinpoint/audienceService.ts';
import { formatCount, formatMoment } from '../../host/format.ts';

/** What is known of an imported segment, as a page of Markdown: definition, sizes, and the jobs that it came from. */
export function segmentPage(segment: Segment, project: Project, jobs: readonly ServiceJob[]): string {
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
  return [
    `# ${vscode.l10n.t('Imported segment: {0}', segment.name ?? vscode.l10n.t('(no name)'))}`,
    '',
    ...rows
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => `- ${name}: ${value ?? ''}`),
    '',
    `## ${vscode.l10n.t('Channels')}`,
    '',
    ...(channels.length === 0
      ? [vscode.l10n.t('The service does not count them.')]
      : channels.map(([channel, count]) => `- ${channel}: ${formatCount(count)}`)),
    '',
    `## ${vscode.l10n.t('Import jobs')}`,
    '',
    ...(sorted.length === 0 ? [vscode.l10n.t('The service knows none any more.')] : sorted.map(jobLine)),
    '',
  ].join('\n');
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

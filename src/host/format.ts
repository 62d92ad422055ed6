import * as vscode from 'vscode';

/** `12,400` as the user's language writes it. */
export function formatCount(count: number): string {
  return count.toLocaleString(vscode.env.language);
}

/** A text with a count, in the singular or plural: `1 error`, `1,200 errors`. `{0}` is the count; `args` follow it. */
export function plural(count: number, one: string, many: string, ...args: readonly string[]): string {
  // eslint-disable-next-line no-restricted-syntax -- Both are literals where this is called, by the same rule.
  return vscode.l10n.t(count === 1 ? one : many, formatCount(count), ...args);
}

/** `3.2 MB`: powers of 1000, as file managers and the service's quotas count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toLocaleString(vscode.env.language, { maximumFractionDigits: digits })} ${units[unit] ?? ''}`;
}

/** `45s`, `2m 10s`, `1h 3m`, from milliseconds. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m ${seconds % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** An ISO 8601 timestamp in the user's language; without the date if it is today. */
export function formatTime(iso: string, now = new Date(), seconds = false): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const today = at.toDateString() === now.toDateString();
  return at.toLocaleString(vscode.env.language, {
    timeStyle: seconds ? 'medium' : 'short',
    ...(!today && { dateStyle: 'medium' }),
  });
}

/** The last part of a path, with either kind of separator. */
export function baseName(path: string): string {
  return path.replace(/^.*[\\/]/s, '');
}

/** Like `formatTime`, with seconds. */
export function formatMoment(iso: string): string {
  return formatTime(iso, new Date(), true);
}

import { readFileSync } from 'node:fs';

/**
 * The most memory that this process ever had, in bytes. Not `maxRSS` where there is another way: on Linux a process begins with
 * that of the one that started it.
 */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return Number(kibibytes) * 1024;
}

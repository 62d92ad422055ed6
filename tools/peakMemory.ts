import { readFileSync } from 'node:fs';

/**
 * Peak memory of this process in bytes. `maxRSS` only as a fallback: on Linux a process inherits it from the one that
 * started it.
 */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return Number(kibibytes) * 1024;
}

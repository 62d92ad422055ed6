/** What asks a command to stop: Ctrl-C, `kill`, and Ctrl-Break, which only Windows has. */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const satisfies readonly NodeJS.Signals[];

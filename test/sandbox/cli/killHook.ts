import { writeSync } from 'node:fs';
import { installKillPoints } from '../jobs/crash/killPoints.ts';

/*
 * Loaded before a command, in each of its threads: kills the process in the moment KILL_AT, or says at the end how many there were.
 */
const moments = installKillPoints(Number(process.env['KILL_AT']), false);
process.on('exit', () => writeSync(2, `moments ${moments()}\n`));

import { stat } from 'node:fs/promises';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import { createRuns } from '../../../src/jobs/runs/runsService.ts';
import { noLog } from '../../../src/log.ts';
import { fastClock } from './fastClock.ts';

/** A window in a process of its own: imports or exports, and tells each state, so that it can be killed in any. */
const told = JSON.parse(process.argv[2]!) as Record<string, string>;
const { endpoint, region, accessKeyId, secretAccessKey, folder, projectId, roleArn, file, kind, start } =
  told;

const connection = await createConnections({ log: noLog }).connect({
  endpointUrl: endpoint,
  region,
  credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
});
const runs = createRuns({ folder: folder!, log: noLog, clock: fastClock(Number(start)) });
await runs.ready;
runs.onDidChange((record) => {
  if (record !== undefined)
    process.stdout.write(`${record.state} ${record.asked === undefined ? '' : 'asked'}\n`);
});
const common = { projectId: projectId!, bucket: 'staging', roleArn: roleArn! };
if (kind === 'import') {
  const { size: bytes, mtimeMs: modified } = await stat(file!);
  await runs.startImport(
    connection,
    {
      ...common,
      files: [{ path: file!, bytes, modified }],
      format: 'CSV',
      prefix: 'imports',
      defineSegment: true,
      registerEndpoints: true,
      segmentName: 'People',
    },
    {},
  );
} else await runs.startExport(connection, { ...common, prefix: 'exports' }, {});

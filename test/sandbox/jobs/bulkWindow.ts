import type { Connection } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import type { EndpointService } from '../../../src/aws/pinpoint/endpointService.ts';
import { Bulk } from '../../../src/jobs/bulk/bulkService.ts';
import { noLog } from '../../../src/log.ts';

/** A window in its own process: deletes the endpoints of a file, and prints the time of each request. */
const [endpoint, region, accessKeyId, secretAccessKey, folder, projectId, source] = process.argv.slice(2);
const connected = await createConnections({ log: noLog }).connect({
  endpointUrl: endpoint,
  region,
  credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
});
const connection: Connection = {
  ...connected,
  endpoints: new Proxy(connected.endpoints, {
    get: (service, name: keyof EndpointService) => {
      if (name === 'deleteEndpoint') process.stdout.write(`${Date.now()}\n`);
      return (service[name] as (...given: unknown[]) => unknown).bind(service);
    },
  }),
};
const bulk = new Bulk({ folder: folder!, log: noLog });
const record = await bulk.start(
  connection,
  { kind: 'delete-endpoints', projectId: projectId!, source: source! },
  {},
);
bulk.dispose();
process.exit(record.state === 'completed' && record.counts.done === record.total ? 0 : 1);

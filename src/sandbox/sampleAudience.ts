import { Readable } from 'node:stream';
import type { ObjectStore } from './objectStore.ts';
import type { PinpointHandler, PinpointOptions } from './pinpoint/pinpoint.ts';
import { createPinpoint } from './pinpoint/pinpoint.ts';
import { buildXml } from './s3/xml.ts';

/** Holds the sample's files; users can upload theirs, too. */
export const sampleBucket = 'pinpoint-audience-sample';

const projectName = 'Sample Project';
/** Tags the project while it is being created, so that the next start replaces an incomplete one. */
const unfinished = 'sample-unfinished';

/**
 * Adds sample data: a project with two dynamic segments and one created by an import of invented customers, an export of the
 * latter, and a bucket with the files of both jobs. Does nothing if a project already exists.
 *
 * Call it before the sandbox's own `createPinpoint` on the same folder: jobs run without delays here.
 */
export async function seedSample(options: Omit<PinpointOptions, 'paceMs' | 'faults'>): Promise<void> {
  const pinpoint = await createPinpoint({ ...options, paceMs: 0 });
  try {
    const apps = await pinpoint.call<{ Item: { Id: string; tags: object }[] }>('GET', '/v1/apps');
    const incomplete = apps.Item.find(({ tags }) => Object.hasOwn(tags, unfinished));
    if (incomplete !== undefined) await pinpoint.call('DELETE', `/v1/apps/${incomplete.Id}`);
    else if (apps.Item.length > 0) return;
    await seed(pinpoint, options.objects, options.account);
  } finally {
    await pinpoint.close();
  }
}

/** Staged files expire after a week. */
const lifecycle = buildXml('LifecycleConfiguration', {
  Rule: {
    ID: 'pinpoint-audience-staging',
    Filter: { Prefix: 'pinpoint-audience/' },
    Status: 'Enabled',
    Expiration: { Days: 7 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  },
});

async function seed(pinpoint: PinpointHandler, objects: ObjectStore, account: string): Promise<void> {
  const { Id, Arn } = await pinpoint.call<{ Id: string; Arn: string }>('POST', '/v1/apps', {
    Name: projectName,
    tags: { [unfinished]: 'true' },
  });
  const app = `/v1/apps/${Id}`;
  if ((await objects.regionOf(sampleBucket)) === undefined)
    await objects.createBucket(sampleBucket, { lifecycle });
  await objects.write(
    sampleBucket,
    'imports/customers.csv',
    Readable.from([Buffer.from(customers())]),
    'text/csv',
  );

  const importJob = await runJob(pinpoint, `${app}/jobs/import`, {
    Format: 'CSV',
    S3Url: `s3://${sampleBucket}/imports/customers.csv`,
    RoleArn: `arn:aws:iam::${account}:role/PinpointImport`,
    DefineSegment: true,
    RegisterEndpoints: true,
    SegmentName: 'Customers of the spring campaign',
  });
  for (const [Name, Dimensions] of dynamicSegments) {
    await pinpoint.call('POST', `${app}/segments`, { Name, Dimensions });
  }
  await runJob(pinpoint, `${app}/jobs/export`, {
    S3UrlPrefix: `s3://${sampleBucket}/exports/`,
    RoleArn: `arn:aws:iam::${account}:role/PinpointExport`,
    SegmentId: importJob.Definition.SegmentId,
  });
  await pinpoint.call('DELETE', `/v1/tags/${encodeURIComponent(Arn)}?tagKeys=${unfinished}`);
}

interface StartedJob {
  readonly Id: string;
  readonly JobStatus: string;
  readonly Definition: { readonly SegmentId?: string };
}

async function runJob(pinpoint: PinpointHandler, path: string, request: object): Promise<StartedJob> {
  const job = await pinpoint.call<StartedJob>('POST', path, request);
  for (;;) {
    const { JobStatus } = await pinpoint.call<StartedJob>('GET', `${path}/${job.Id}`);
    if (JobStatus === 'COMPLETED') return job;
    if (JobStatus === 'FAILED') throw new Error(`The sample's job failed: ${path}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const dynamicSegments: readonly (readonly [name: string, dimensions: object])[] = [
  [
    'Newsletter by email',
    {
      Demographic: { Channel: { DimensionType: 'INCLUSIVE', Values: ['EMAIL'] } },
      UserAttributes: { Newsletter: { AttributeType: 'INCLUSIVE', Values: ['yes'] } },
    },
  ],
  [
    'Frequent riders in Germany and Austria',
    {
      Location: { Country: { DimensionType: 'INCLUSIVE', Values: ['DE', 'AT'] } },
      Metrics: { RidesLastMonth: { ComparisonOperator: 'GREATER_THAN', Value: 10 } },
    },
  ],
];

const firstNames = [
  'Ada',
  'Ben',
  'Carla',
  'Dmitri',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kim',
];
const plans = ['basic', 'plus', 'family'];
const places = [
  ['Berlin', 'DE', 'de_DE', 'Europe/Berlin'],
  ['Vienna', 'AT', 'de_AT', 'Europe/Vienna'],
  ['Lyon', 'FR', 'fr_FR', 'Europe/Paris'],
  ['Toronto', 'CA', 'en_CA', 'America/Toronto'],
  ['Seattle', 'US', 'en_US', 'America/Los_Angeles'],
] as const;

const columns = [
  'ChannelType',
  'Id',
  'Address',
  'OptOut',
  'Location.City',
  'Location.Country',
  'Demographic.Locale',
  'Demographic.Timezone',
  'User.UserId',
  'User.UserAttributes.FirstName',
  'User.UserAttributes.Newsletter',
  'Attributes.Plan',
  'Metrics.RidesLastMonth',
];

/** 200 invented customers, half of them with a phone as well. Deterministic. */
function customers(): string {
  const rows = Array.from({ length: 200 }, (_, index) => {
    const number = String(index + 1).padStart(3, '0');
    const place = places[index % places.length]!;
    const shared = [
      ...place,
      `customer-${number}`,
      firstNames[index % firstNames.length]!,
      index % 3 === 0 ? 'yes' : 'no',
      plans[index % plans.length]!,
      String((index * 7) % 23),
    ];
    const optOut = index % 10 === 9 ? 'ALL' : 'NONE';
    const email = ['EMAIL', `customer-${number}-email`, `customer${number}@example.com`, optOut, ...shared];
    // 555-01xx is reserved for fiction.
    const phone = `+1${206 + (index >> 1)}555${String(100 + (index >> 1)).padStart(4, '0')}`;
    const sms = ['SMS', `customer-${number}-sms`, phone, optOut, ...shared];
    return index % 2 === 0 ? [email, sms] : [email];
  });
  return [columns, ...rows.flat()].map((cells) => `${cells.join(',')}\n`).join('');
}

import assert from 'node:assert/strict';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { after, before, beforeEach, describe, it } from 'mocha';
import { clientConfig, startTestSandbox } from '../support/sandbox.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { Project } from '../sandbox/pinpoint/project.ts';

/* What AWS's guides and samples show, done as they show it; the sources are those of the fact sheet. */

describe('Conformance: examples of the guides', () => {
  let sandbox: TestSandbox;
  let iam: IAMClient;
  let project: Project;
  before(async () => {
    sandbox = await startTestSandbox();
    iam = new IAMClient(clientConfig(sandbox));
  });
  after(async () => {
    iam.destroy();
    await sandbox.close();
  });
  beforeEach(async () => {
    project = await Project.create(sandbox);
  });

  const files: readonly (readonly [source: string, text: string, expected: number, more?: object])[] = [
    ['examples/Pinpoint_Sample_Import.csv', 'ChannelType,Address,User.UserAttributes.FirstName,User.UserAttributes.LastName,User.UserAttributes.Company,User.UserId\nSMS,+12065550182,Alejandro,Rosalez,Example,userid1\nEMAIL,martha@example.com,Martha,Rivera,Example,userid2\n', 2],
    ['Developer guide, audience-define-import, CSV with repeated columns', 'ChannelType,Address,User.UserId,User.UserAttributes.f,User.UserAttributes.f\nSMS,2065550182,u1,test10,test20\n', 1],
    ['Developer guide, audience-define-import, numbers without +', 'ChannelType,Address,Location.Country\nSMS,12065550182,CAN\nSMS,2065550182,USA\n', 2],
    ['User guide, segments-importing, JSON', '{"ChannelType":"SMS","Address":"2065550182","Location":{"Country":"CAN"},"Demographic":{"Platform":"Android","Make":"LG"},"User":{"UserId":"user-id-1"}}\n{"ChannelType":"APNS","Address":"1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p","Location":{"Country":"USA"},"Demographic":{"Platform":"iOS","Make":"Apple"},"User":{"UserId":"user-id-2"}}\n{"ChannelType":"EMAIL","Address":"john.stiles@example.com","Location":{"Country":"USA"},"Demographic":{"Platform":"iOS","Make":"Apple"},"User":{"UserId":"user-id-2"}}\n', 3],
    ['User guide, segments-importing, custom attributes', '{"ChannelType":"EMAIL","Address":"a@example.com","Attributes":{"Ride":["Bus"]},"User":{"UserAttributes":{"FirstName":["Richard"]}}}\n', 1],
    ['Predictive segmentation, SampleImport.csv', 'ChannelType,Id,Address,Attributes.AccountLength\nEMAIL,1,churn1@example.com,128\n', 1, { DefineSegment: true }],
    ['Athena output, every field quoted', '"ChannelType","Address","Id"\n"EMAIL","a@example.com","a"\n', 1],
    ['A file with a byte order mark', '\ufeffChannelType,Address\nEMAIL,a@example.com\n', 1],
  ]; // prettier-ignore
  for (const [source, text, expected, more] of files) {
    it(`a file is imported: ${source}`, async () => {
      const { JobStatus, TotalProcessed, TotalFailures } = await project.import(text, more);
      assert.deepEqual([JobStatus, TotalProcessed, TotalFailures], ['COMPLETED', expected, 0]);
    });
  }

  /** The trust policy of permissions-import-segment, 2026. */
  const trust = (): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'pinpoint.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: {
            StringEquals: { 'aws:SourceAccount': sandbox.account },
            ArnLike: {
              'aws:SourceArn': `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:apps/${project.id}`,
            },
          },
        },
      ],
    });
  const createRole = async (RoleName: string): Promise<string> =>
    (await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust() }))).Role!.Arn!;

  it('the import role: create-role, attach-role-policy AmazonS3ReadOnlyAccess [permissions-import-segment]', async () => {
    const RoleName = 'PinpointSegmentImport';
    const RoleArn = await createRole(RoleName);
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    const { JobStatus } = await project.import('ChannelType,Address\nEMAIL,a@example.com\n', { RoleArn });
    assert.equal(JobStatus, 'COMPLETED');
    const other = await Project.create(sandbox);
    await assert.rejects(
      other.import('ChannelType,Address\nEMAIL,a@example.com\n', { RoleArn }),
      /can't assume/,
    );
  });

  it('the export role: create-role, create-policy, attach-role-policy [permissions-export-endpoints]', async () => {
    const RoleName = 's3ExportRole';
    const RoleArn = await createRole(RoleName);
    const bucket = `arn:aws:s3:::${project.bucket}`;
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'AllowUserToSeeBucketListInTheConsole', Action: ['s3:ListAllMyBuckets', 's3:GetBucketLocation'], Effect: 'Allow', Resource: ['arn:aws:s3:::*'] },
        { Sid: 'AllowRootAndHomeListingOfBucket', Action: ['s3:ListBucket'], Effect: 'Allow', Resource: [bucket], Condition: { StringEquals: { 's3:delimiter': ['/'], 's3:prefix': ['', 'Exports/'] } } },
        { Sid: 'AllowListingOfUserFolder', Action: ['s3:ListBucket'], Effect: 'Allow', Resource: [bucket], Condition: { StringLike: { 's3:prefix': ['Exports/*'] } } },
        { Sid: 'AllowAllS3ActionsInUserFolder', Action: ['s3:*'], Effect: 'Allow', Resource: [`${bucket}/Exports/*`] },
      ],
    }); // prettier-ignore
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 's3ExportPolicy', PolicyDocument }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy!.Arn }));
    await project.put({ Id: 'a', ChannelType: 'EMAIL', Address: 'a@example.com' });
    const { Id } = await project.createExport({ RoleArn, S3UrlPrefix: `s3://${project.bucket}/Exports/` });
    assert.equal((await project.exportEnded(Id!)).JobStatus, 'COMPLETED');

    await assert.rejects(
      project.createExport({ RoleArn, S3UrlPrefix: `s3://${project.bucket}/Other/` }),
      /Access Denied/,
    );
  });

  const leastPrivilege: readonly (readonly [source: string, statements: (bucket: string) => readonly object[]])[] = [
    ['Predictive segmentation, PinpointImportRole', (bucket) => [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] }]],
    ['Reference architectures, S3_triggered_import', (bucket) => [{ Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] }]],
    ['ListBucket under its prefix, GetObject below it', (bucket) => [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${bucket}`, Condition: { StringLike: { 's3:prefix': 'imports/*' } } }, { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/imports/*` }]],
  ]; // prettier-ignore
  for (const [source, statements] of leastPrivilege) {
    it(`a role of least privilege imports: ${source}`, async () => {
      const RoleName = `Least-${project.id}`;
      const RoleArn = await createRole(RoleName);
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements(project.bucket) });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
      const { JobStatus } = await project.import('ChannelType,Address\nEMAIL,a@example.com\n', { RoleArn });
      assert.equal(JobStatus, 'COMPLETED');
    });
  }

  it('the export of the solution, without ListBucket [Predictive segmentation, PinpointExportRole]', async () => {
    const RoleName = 'PinpointExportRole';
    const RoleArn = await createRole(RoleName);
    const objects = ['PutObject', 'GetObjectAcl', 'GetObject', 'DeleteObject', 'DeleteObjectVersion', 'GetObjectTagging', 'GetObjectVersion'];
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: objects.map((name) => `s3:${name}`), Resource: `arn:aws:s3:::${project.bucket}/*` },
        { Effect: 'Allow', Action: ['s3:ListAllMyBuckets', 's3:GetBucketLocation'], Resource: 'arn:aws:s3:::*' },
      ],
    });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
    const { Id } = await project.createExport({ RoleArn, S3UrlPrefix: `s3://${project.bucket}/endpoint_exports/2019/10/10` });
    assert.equal((await project.exportEnded(Id!)).JobStatus, 'COMPLETED');
  }); // prettier-ignore

  it('refreshing an imported segment by its Id alone [AWS solution]', async () => {
    const first = await project.import('ChannelType,Address,Id\nEMAIL,a@example.com,a\n', {
      DefineSegment: true,
    });
    const SegmentId = first.Definition!.SegmentId;
    const again = await project.import('ChannelType,Address,Id\nEMAIL,b@example.com,b\n', { SegmentId });
    assert.deepEqual([again.JobStatus, (await project.segment(SegmentId!)).Version], ['COMPLETED', 2]);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { partitionOf, readIdentity } from '../../../src/aws/connection/callerIdentity.ts';

const Account = '123456789012';

describe("The identity in a service's response", () => {
  it('is accepted as AWS documents it', () => {
    for (const Arn of [
      `arn:aws:iam::${Account}:root`,
      `arn:aws:iam::${Account}:user/division/me`,
      `arn:aws-cn:sts::${Account}:assumed-role/Role/someone@example.com`,
      `arn:aws-us-gov:sts::${Account}:federated-user/me`,
    ]) {
      const identity = readIdentity({ Account, Arn }, 'eu-central-1');
      assert.deepEqual(identity, { account: Account, arn: Arn, region: 'eu-central-1' });
      assert.equal(partitionOf(identity), Arn.split(':')[1]);
    }
  });

  it('is rejected in any other form', () => {
    const Arn = `arn:aws:iam::${Account}:user/me`;
    for (const caller of [
      {},
      { Account },
      { Arn },
      { Account: '1\ntouch ran', Arn },
      { Account: '210987654321', Arn },
      { Account, Arn: `${Arn}\n` },
      { Account, Arn: `arn:aws:s3:::${Account}` },
      { Account, Arn: `arn:$(id):iam::${Account}:user/me` },
    ])
      assert.throws(() => readIdentity(caller, 'us-east-1'), { code: 'service' });
    for (const region of ['', 'us-east-1\n', '$(id)', 'a/b', 'US-EAST-1'])
      assert.throws(() => readIdentity({ Account, Arn }, region), { code: 'bad-input' });
  });
});

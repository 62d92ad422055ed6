import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { bulkItems } from '../../../src/jobs/bulk/bulkItems.ts';
import { inFolder } from '../transform/files.ts';

describe('Endpoints of a file to update directly', () => {
  it('keep attributes with any name, including __proto__ and constructor', async () => {
    await inFolder(async (folder) => {
      const path = await folder.write(
        'a.csv',
        'Id,Attributes.__proto__,User.UserAttributes.__proto__,Attributes.constructor\n1,a,b,c\n',
      );
      for await (const { item, problem } of bulkItems(path, 'update-endpoints', {}, {})) {
        assert.equal(problem, undefined);
        assert.equal(
          JSON.stringify(item),
          '{"Attributes":{"__proto__":["a"],"constructor":["c"]},"User":{"UserAttributes":{"__proto__":["b"]}},"Id":"1"}',
        );
      }
    });
  });
});

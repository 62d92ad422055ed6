import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Uri } from 'vscode';
import { audienceScheme, parseAudienceUri, uriOf } from '../../src/host/audiencePlaces.ts';
import { unseen } from '../../src/legible.ts';

describe('the tab of a segment, user or endpoint', () => {
  it('shows every character of a name', () => {
    for (const hidden of ['\u202e', '\u2066', '\u200b', '\u00ad', '\u{e0041}', '\u0007', '\n', '\ud800']) {
      const place = {
        connectionId: 'c',
        projectId: 'p',
        kind: 'segments',
        id: 'i',
        title: `a${hidden}b`,
      } as const;
      const uri = uriOf(place);
      assert.equal(uri.path.search(unseen), -1, JSON.stringify(uri.path));
      assert.equal(parseAudienceUri(uri)?.id, 'i');
    }
  });

  it('identifies nothing if its URI is not percent-encoded UTF-8', () => {
    const parsed = ['a%20b', '%', '%ff'].map((id) =>
      parseAudienceUri(
        Uri.parse(`${audienceScheme}://c/p/segments/${id.replaceAll('%', '%25')}/n.segment.json`),
      ),
    );
    assert.deepEqual(
      parsed.map((place) => place?.id),
      ['a b', undefined, undefined],
    );
  });
});

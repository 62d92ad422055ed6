import assert from 'node:assert/strict';
import {
  CreateAppCommand,
  DeleteAppCommand,
  GetSegmentCommand,
  GetSegmentsCommand,
  UpdateEndpointsBatchCommand,
  UpdateSegmentCommand,
  type SegmentResponse,
} from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { Segment } from '../../src/aws/pinpoint/audienceService.ts';
import type { RunRecord } from '../../src/jobs/runs/runRecord.ts';
import {
  api,
  connect,
  files,
  good,
  otherRegion,
  place,
  rejects,
  rewrite,
  roles,
  run,
  service,
  until,
} from './support.ts';

const byMail = { Demographic: { Channel: { DimensionType: 'INCLUSIVE', Values: ['EMAIL'] } } };

describe('Segments in the editor', () => {
  let at: Awaited<ReturnType<typeof place>>;
  let other: Awaited<ReturnType<typeof place>>;
  let given: Awaited<ReturnType<typeof files>>;
  let segment: Segment;
  let imported: Segment;

  const said = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
    projectId: at.projectId,
    confirm: false,
    ...more,
  });

  const inService = async (id: string): Promise<SegmentResponse> => {
    const { SegmentResponse: found } = await service.pinpoint.send(
      new GetSegmentCommand({ ApplicationId: at.projectId, SegmentId: id }),
    );
    assert.ok(found);
    return found;
  };

  const active = (): vscode.TextDocument => {
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document);
    return document;
  };

  const write = (document: vscode.TextDocument, value: unknown): Promise<void> =>
    rewrite(document, () => JSON.stringify(value, undefined, 2));

  before(async () => {
    await connect();
    at = await place('segments');
    other = await place('segments-other');
    given = await files('segments', { 'good.csv': good });
    await service.pinpoint.send(
      new UpdateEndpointsBatchCommand({
        ApplicationId: at.projectId,
        EndpointBatchRequest: {
          Item: ['s1', 's2', 's3'].map((Id, n) => ({
            Id,
            ChannelType: n < 2 ? 'EMAIL' : 'SMS',
            Address: n < 2 ? `${Id}@example.com` : '+12065550100',
          })),
        },
      }),
    );
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await Promise.all([at.remove(), other.remove(), given.remove()]);
  });

  it('creates a segment from a definition', async () => {
    segment = await run<Segment>(
      'createSegment',
      said({ definition: { Name: 'By mail', Dimensions: byMail } }),
    );
    assert.equal(segment.kind, 'dynamic');
    assert.deepEqual((await inService(segment.id)).Name, 'By mail');
    await rejects(
      run('createSegment', said({ definition: { Name: 'x', Dimension: {} } })),
      'bad-input',
      /Dimension/,
    );
    await rejects(run('createSegment', said()), 'bad-input', /No segment specified/);
  });

  it('creates a segment with the first save of a new document, and updates it with later saves', async () => {
    await run('createSegment', said({ name: 'Drafted' }));
    const draft = active();
    assert.equal(draft.languageId, 'json');
    await write(draft, { Name: 'Drafted', Dimensions: {} });
    assert.ok(await draft.save());
    const { SegmentsResponse: all } = await service.pinpoint.send(
      new GetSegmentsCommand({ ApplicationId: at.projectId }),
    );
    const created = all?.Item?.filter(({ Name }) => Name === 'Drafted') ?? [];
    assert.equal(created.length, 1);
    const document = await until('the document of the segment', () => {
      const { uri } = vscode.window.activeTextEditor?.document ?? {};
      return uri?.path.includes(`/segments/${created[0]!.Id ?? ''}/`) ? active() : undefined;
    });
    await write(document, { Name: 'Drafted', Dimensions: byMail });
    assert.ok(await document.save());
    assert.equal((await inService(created[0]!.Id!)).Version, 2);
  });

  it('completes and explains the members of a segment', async () => {
    await run('openSegment', segment.id, said());
    const document = active();
    assert.ok(document.uri.path.endsWith('/By mail.segment.json'));
    const inside = document.positionAt(document.getText().indexOf('"Demographic"'));
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      inside,
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    for (const name of ['Attributes', 'UserAttributes', 'Metrics', 'Behavior', 'Location'])
      assert.ok(labels.includes(name), labels.join());
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(document.getText().indexOf('"INCLUSIVE"') + 2),
    );
    const texts = hovers
      .flatMap(({ contents }) => contents)
      .map((each) => (each as vscode.MarkdownString).value);
    assert.ok(
      texts.some((text) => text.includes('one of the values')),
      texts.join(),
    );
  });

  it('creates a version with each save, and rejects conflicts with the service', async () => {
    await run('openSegment', segment.id, said());
    const document = active();
    await write(document, {
      Name: 'By mail',
      Dimensions: { ...byMail, Location: { Country: { Values: ['BE'] } } },
    });
    assert.ok(await document.save());
    const saved = await inService(segment.id);
    assert.equal(saved.Version, 2);
    assert.deepEqual(saved.Dimensions?.Location?.Country?.Values, ['BE']);
    await service.pinpoint.send(
      new UpdateSegmentCommand({
        ApplicationId: at.projectId,
        SegmentId: segment.id,
        WriteSegmentRequest: { Name: 'Of others', Dimensions: {} },
      }),
    );
    await write(document, { Name: 'By mail', Dimensions: byMail });
    // As the editor does after the first save, and leaves aside what it read, since somebody types meanwhile.
    await vscode.workspace.fs.readFile(document.uri);
    assert.equal(await document.save(), false);
    assert.equal((await inService(segment.id)).Name, 'Of others');
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until('what the service has', () => document.getText().includes('Of others') || undefined);
    await write(document, { Name: 'By mail', Dimensions: byMail });
    assert.ok(await document.save());
    assert.equal((await inService(segment.id)).Version, 4);
  });

  it('shows two read-only versions side by side', async () => {
    const compared = await run('compareSegmentVersions', segment.id, said({ before: 1, after: 2 }));
    assert.deepEqual(compared, { before: 1, after: 2 });
    const tab = await until('the diff', () => {
      const { activeTab } = vscode.window.tabGroups.activeTabGroup;
      return activeTab?.input instanceof vscode.TabInputTextDiff ? activeTab.input : undefined;
    });
    const [older, newer] = await Promise.all([
      vscode.workspace.openTextDocument(tab.original),
      vscode.workspace.openTextDocument(tab.modified),
    ]);
    assert.ok(!older.getText().includes('"BE"') && newer.getText().includes('"BE"'));
    assert.equal(vscode.workspace.fs.isWritableFileSystem('pinpoint-audience'), true);
    await assert.rejects(async () => vscode.workspace.fs.writeFile(tab.original, Buffer.from('{}')));
    await rejects(run('compareSegmentVersions', segment.id, said()), 'bad-input', /No versions specified/);
  });

  it('renames a segment, and keeps its criteria', async () => {
    await run('renameSegment', segment.id, said({ name: 'Mail only' }));
    const renamed = await inService(segment.id);
    assert.equal(renamed.Name, 'Mail only');
    assert.deepEqual(renamed.Dimensions?.Demographic?.Channel?.Values, ['EMAIL']);
  });

  it('counts members with an export', async () => {
    const count = await run(
      'countSegment',
      said({ segmentId: segment.id, bucket: at.bucket, roleArn: roles.export }),
    );
    assert.equal(count, 2);
  });

  it('copies a segment to another project, also in another region', async () => {
    const copy = await run<Segment>(
      'copySegment',
      segment.id,
      said({ toProjectId: other.projectId, name: 'Copy' }),
    );
    assert.equal(copy.projectId, other.projectId);
    const { ApplicationResponse: farProject } = await service.pinpointElsewhere.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: 'segments-far' } }),
    );
    const far = { toProjectId: farProject!.Id, toRegion: otherRegion, name: 'Far copy' };
    assert.equal((await run<Segment>('copySegment', segment.id, said(far))).name, 'Far copy');
    await service.pinpointElsewhere.send(new DeleteAppCommand({ ApplicationId: farProject!.Id }));
    assert.equal((await api()).connection.current?.region, 'us-east-1', 'the connection at hand stays');
    const grouped = await run<Segment>(
      'createSegment',
      said({
        definition: {
          Name: 'Grouped',
          SegmentGroups: {
            Groups: [{ SourceSegments: [{ Id: segment.id }], SourceType: 'ALL', Type: 'ALL' }],
            Include: 'ALL',
          },
        },
      }),
    );
    await rejects(
      run('copySegment', grouped.id, said({ toProjectId: other.projectId })),
      'bad-input',
      /based on other segments/,
    );
  });

  it('shows the origin of an imported segment, and edits only its name', async () => {
    const record = await run<RunRecord>(
      'importFile',
      given.uri('good.csv'),
      said({ segmentName: 'From a file', bucket: at.bucket, roleArn: roles.import }),
    );
    const ended = await (await api()).jobs.waitFor(record.id);
    imported = await run<Segment>('openSegment', ended.job?.segmentId, said());
    const text = active().getText();
    for (const fact of ['From a file', 'EMAIL: 2', 'CSV', ended.job?.s3Url ?? '?', ended.job?.id ?? '?'])
      assert.ok(text.includes(fact), `${fact} in ${text}`);
    await rejects(
      run('copySegment', imported.id, said({ toProjectId: other.projectId })),
      'bad-input',
      /was imported/,
    );
    await run('renameSegment', imported.id, said({ name: 'Renamed file' }));
    assert.equal((await inService(imported.id)).Name, 'Renamed file');
  });

  it('deletes a segment, and keeps its endpoints', async () => {
    const deleted = await run<Segment>('deleteSegment', imported.id, said());
    assert.equal(deleted.id, imported.id);
    await rejects(run('openSegment', imported.id, said()), 'not-found', /segment/);
    await run('openEndpoint', 'h-1', said());
  });
});

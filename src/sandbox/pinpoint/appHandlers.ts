import type { Arns } from './arns.ts';
import { checkTagCount, optionalObject, requiredText, tagsOf } from './fields.ts';
import { pageOf } from './listPages.ts';
import type { Call, Handlers } from './router.ts';
import type { State } from './pinpointState.ts';
import { badRequest, newId, notFound } from './pinpointState.ts';
import type { App, Segment } from './types.ts';

/** Developer guide, quotas: projects per region. */
const maxApps = 100;

/** Writable settings (API reference, Settings). Others are ignored. */
const settingNames = ['CampaignHook', 'Limits', 'QuietTime', 'JourneyLimits'];

/** Operations on apps, their settings, and tags. */
export function appHandlers(
  state: State,
  arns: Arns,
  stopJobs: (appId: string) => Promise<void>,
): Handlers<'list' | 'create' | 'get' | 'remove' | 'settings' | 'writeSettings' | 'tags' | 'tag' | 'untag'> {
  const answer = (app: App): object => ({
    Arn: arns.app(app),
    Id: app.Id,
    Name: app.Name,
    CreationDate: app.CreationDate,
    tags: app.tags,
  });

  const create = ({ body, actor }: Call): object => {
    const Name = requiredText(body, 'Name');
    if (state.apps(actor.region).length >= maxApps)
      badRequest(`A region can have at most ${maxApps} projects`);
    const app: App = {
      Seq: state.nextSeq(),
      Id: newId(),
      Region: actor.region,
      Name,
      CreationDate: state.timestamp(),
      tags: tagsOf(body) ?? {},
      settings: {},
    };
    state.save(app);
    return answer(app);
  };

  const remove = async ({ params }: Call): Promise<object> => {
    const app = state.app(params['app']!);
    await stopJobs(app.Id);
    await state.removeApp(app);
    return answer(app);
  };

  const settings = ({ Id, settings }: App): object => ({ ApplicationId: Id, ...settings });

  const writeSettings = ({ params, body }: Call): object => {
    const app = state.app(params['app']!);
    const written = settingNames.flatMap((name) => {
      const value = optionalObject(body, name);
      return value === undefined ? [] : [[name, value] as const];
    });
    const changed = {
      ...app,
      settings: {
        ...app.settings,
        ...Object.fromEntries(written),
        LastModifiedDate: state.timestamp(),
      },
    };
    state.save(changed);
    return settings(changed);
  };

  const tagged = (arn: string): App | Segment => {
    const { appId, segmentId } = arns.parse(arn) ?? notFound();
    const app = state.app(appId);
    if (!arn.startsWith(arns.app(app))) notFound();
    return segmentId === undefined ? app : state.segment(appId, segmentId);
  };

  const tag = ({ params, body }: Call): undefined => {
    const resource = tagged(params['arn']!);
    const tags = { ...resource.tags, ...(tagsOf(body) ?? badRequest('tags is required')) };
    checkTagCount(tags);
    state.save({ ...resource, tags });
  };

  const untag = ({ params, query }: Call): undefined => {
    const resource = tagged(params['arn']!);
    const gone = query.getAll('tagKeys');
    if (gone.length === 0) badRequest('tagKeys is required');
    const kept = Object.entries(resource.tags).filter(([key]) => !gone.includes(key));
    state.save({ ...resource, tags: Object.fromEntries(kept) });
  };

  return {
    list: ({ query, actor }: Call): object => pageOf('apps', state.apps(actor.region), query, answer),
    create,
    get: ({ params }: Call): object => answer(state.app(params['app']!)),
    remove,
    settings: ({ params }: Call): object => settings(state.app(params['app']!)),
    writeSettings,
    tags: ({ params }: Call): object => ({ tags: tagged(params['arn']!).tags }),
    tag,
    untag,
  };
}

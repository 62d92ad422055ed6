import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { legible } from '../../legible.ts';
import { arnOf, consoleUrlOf, idOf, s3UrlOf, type Target } from '../../host/targets.ts';
import { commandIds } from '../../host/commandIds.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { openWebPage } from '../../host/prompts.ts';
import { flash } from '../../host/notifications.ts';

type Services = Pick<CommandServices, 'session' | 'views' | 'runs'>;
type Ids = Pick<
  typeof commandIds,
  'refresh' | 'loadMore' | 'retry' | 'copyId' | 'copyArn' | 'copyS3Url' | 'openConsole'
>;

/** Commands for any node of the trees. */
export function resourceCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  const { views, runs, session } = services;
  return {
    [commandIds.refresh]: (call) => {
      runs.poke();
      views.refresh(call.node);
    },
    [commandIds.retry]: (call) => views.refresh(call.node),
    [commandIds.loadMore]: (call) => call.node && views.loadMore(call.node),
    [commandIds.copyId]: (call) => copy(call, services, idOf, vscode.l10n.t('ID')),
    [commandIds.copyArn]: (call) => copy(call, services, arnOf, vscode.l10n.t('ARN')),
    [commandIds.copyS3Url]: (call) => copy(call, services, s3UrlOf, vscode.l10n.t('S3 URL')),
    [commandIds.openConsole]: async (call) => {
      const endpoint = session.current?.settings.endpointUrl;
      const [url] = partsOf(
        call,
        services,
        (target) => consoleUrlOf(target, endpoint),
        vscode.l10n.t('page in the AWS console'),
      );
      await openWebPage(url);
    },
  };
}

/** Copies, one per line, and says so briefly. */
async function copy(
  call: Invocation,
  services: Services,
  part: (target: Target) => string | undefined,
  name: string,
): Promise<string> {
  // Pasted into a terminal, control characters and line breaks of an object's key would do something.
  const text = partsOf(call, services, part, name).map(legible).join('\n');
  await vscode.env.clipboard.writeText(text);
  flash(vscode.l10n.t('{0} copied', name), 2000);
  return text;
}

function partsOf(
  call: Invocation,
  { views }: Services,
  part: (target: Target) => string | undefined,
  name: string,
): [string, ...string[]] {
  const targets = call.hasNoArguments ? views.selection() : call.targets;
  const [first, ...rest] = targets.map(part).filter((text) => text !== undefined);
  if (first !== undefined) return [first, ...rest];
  throw new AudienceError('bad-input', `The selection has no ${name}`, {
    help: 'Select another item in the Audience or Jobs view.',
  });
}

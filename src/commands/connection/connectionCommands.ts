import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Identity } from '../../aws/connection/connection.ts';
import { folderPrefix } from '../../aws/s3/s3Url.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { askOne, openSignInPage, type Choice } from '../../host/prompts.ts';
import { looksLikeRegion } from '../../host/regions.ts';
import { connectionSettings, getSetting, setSetting } from '../../host/settings.ts';
import { commandIds } from '../../host/commandIds.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import {
  askAndConnect,
  connectAndRemember,
  regionQuestion,
  requireConnection,
} from '../prompts/requireConnection.ts';
import { bucketQuestion } from '../prompts/questions.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';

type Services = Pick<CommandServices, 'session' | 'sandbox' | 'memory'>;
type Ids = Pick<
  typeof commandIds,
  | 'connect'
  | 'signIn'
  | 'disconnect'
  | 'selectRegion'
  | 'selectBucket'
  | 'connectionMenu'
  | 'startSandbox'
  | 'stopSandbox'
>;

export function connectionCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  const { session, sandbox } = services;
  return {
    [commandIds.connect]: (call) => connect(call, services),
    [commandIds.signIn]: (call) => signIn(call, services),
    [commandIds.disconnect]: () => session.disconnect(),
    [commandIds.selectRegion]: () => selectRegion(services),
    [commandIds.selectBucket]: (call) => selectBucket(call, services),
    [commandIds.connectionMenu]: () => connectionMenu(services),
    [commandIds.startSandbox]: async () => {
      await withCancellableProgress(vscode.l10n.t('Starting the local sandbox'), (signal) =>
        session.connectToSandbox(signal),
      );
      return { endpointUrl: sandbox.address?.endpoint };
    },
    [commandIds.stopSandbox]: async () => {
      const endpointUrl = sandbox.address?.endpoint;
      await session.stopSandbox();
      return { endpointUrl };
    },
  };
}

async function connect(call: Invocation, services: Services): Promise<Identity> {
  const options = readOptions(call, { profile: 'string', region: 'string', endpointUrl: 'string' });
  if (options.region !== undefined && !looksLikeRegion(options.region)) {
    throw new AudienceError('bad-input', `Not a valid region: ${options.region}`, {
      help: 'A region looks like eu-west-1.',
    });
  }
  const connection =
    call.isProgrammatic || !call.isInteractive
      ? await services.session.connect({ ...connectionSettings(), ...options })
      : await askAndConnect(services);
  return connection.identity;
}

/**
 * Signs in again with the profile that this window uses or tried to use: in the browser if the profile does so, else by
 * reading the credentials again, which prompts for an MFA code if one is needed.
 */
async function signIn(call: Invocation, services: Services): Promise<Identity> {
  const { session } = services;
  const { wanted } = session;
  if (wanted === undefined) return (await requireConnection(services, call)).identity;
  const connection = await withCancellableProgress(vscode.l10n.t('Signing in'), (signal, report) =>
    session.connectSigningIn(
      wanted,
      (page) => openSignInPage(page, report),
      signal,
      session.signInNeeded !== undefined,
    ),
  );
  return connection.identity;
}

async function selectRegion({ session, memory }: Services): Promise<Identity> {
  const { chosen, identity } = session.required;
  const own = await session.regionOf(chosen.profile);
  const region = await askOne(vscode.l10n.t('Region'), (asker) =>
    asker.pick(regionQuestion(memory, identity.region, own)),
  );
  const connection = await withCancellableProgress(vscode.l10n.t('Connecting'), (signal, report) => {
    const wanted = { ...chosen, region: region === '' ? undefined : region };
    return connectAndRemember(session, memory, wanted, signal, report);
  });
  return connection.identity;
}

async function selectBucket(call: Invocation, services: Services): Promise<string> {
  const connection = await requireConnection(services, call);
  const bucket = await askOne(vscode.l10n.t('Staging Bucket'), (asker) =>
    asker.pick(bucketQuestion(connection, getSetting('staging.bucket'))),
  );
  await connection.staging.bucketRegion(bucket, { folder: folderPrefix(getSetting('staging.prefix')) });
  await setSetting('staging.bucket', bucket);
  return bucket;
}

/** The menu of the status bar item. */
async function connectionMenu({ session, sandbox }: Services): Promise<void> {
  const entry = (icon: string, label: string, command: string): Choice<string> => ({
    label,
    iconPath: new vscode.ThemeIcon(icon),
    value: command,
  });
  const connected = session.current !== undefined;
  const chosen = await askOne(vscode.l10n.t('Pinpoint Audience'), (asker) =>
    asker.pick({
      placeholder: connected
        ? `${session.required.identity.arn} · ${session.required.identity.region}`
        : vscode.l10n.t('Not connected'),
      choices: [
        entry('plug', vscode.l10n.t('Connect…'), commandIds.connect),
        ...(connected
          ? [
              ...(session.signInNeeded
                ? [entry('sign-in', vscode.l10n.t('Sign In'), commandIds.signIn)]
                : []),
              entry('globe', vscode.l10n.t('Select Region…'), commandIds.selectRegion),
              entry('checklist', vscode.l10n.t('Check Setup'), commandIds.checkSetup),
              entry('debug-disconnect', vscode.l10n.t('Disconnect'), commandIds.disconnect),
            ]
          : []),
        sandbox.address
          ? entry('stop-circle', vscode.l10n.t('Stop Sandbox'), commandIds.stopSandbox)
          : entry('beaker', vscode.l10n.t('Start Sandbox'), commandIds.startSandbox),
        entry('list-unordered', vscode.l10n.t('Show Jobs'), 'pinpointAudience.jobs.focus'),
        entry('output', vscode.l10n.t('Show Log'), commandIds.showLog),
      ],
    }),
  );
  await vscode.commands.executeCommand(chosen);
}

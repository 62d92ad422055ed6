import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Connection, ConnectionSettings, Identity } from '../../aws/connection/connection.ts';
import type { Memory } from '../../host/sessionMemory.ts';
import { folderPrefix } from '../../aws/s3/s3Url.ts';
import type { SignInPage } from '../../aws/connection/ssoSignIn.ts';
import { withCancellableProgress, type Report } from '../../host/progress.ts';
import { askOne, askSteps, openSignInPage, type Choice, type PickQuestion } from '../../host/prompts.ts';
import { looksLikeRegion, partitionOf, pinpointRegions, regionsToOffer } from '../../host/regions.ts';
import type { Session } from '../../host/session.ts';
import { connectionSettings, getSetting, setSetting } from '../../host/settings.ts';
import { commandIds } from '../../host/commandIds.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
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

/** The current connection; else the last one is restored, or the person is asked for one. */
export async function requireConnection(
  services: Pick<CommandServices, 'session' | 'memory'>,
  call: Invocation,
): Promise<Connection> {
  const { session } = services;
  await session.resume();
  if (session.state.kind !== 'connected' && call.isInteractive) await askAndConnect(services);
  return session.required;
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

type ConnectionChoice = { readonly profile: string | undefined } | 'sandbox';

/** Asks for profile and region, then connects. The sandbox has no region to choose. */
async function askAndConnect({
  session,
  memory,
}: Pick<CommandServices, 'session' | 'memory'>): Promise<Connection> {
  const configured = connectionSettings();
  let choice = 'sandbox' as ConnectionChoice;
  let region = configured.region;
  await askSteps(vscode.l10n.t('Connect to Amazon Pinpoint'), [
    {
      ask: async (asker) => {
        choice = await asker.pick(await connectionQuestion(session, configured.profile));
      },
    },
    {
      skip: () => choice === 'sandbox',
      ask: async (asker) => {
        const own = choice === 'sandbox' ? undefined : await session.regionOf(choice.profile);
        const active = session.current?.identity.region ?? configured.region;
        region = await asker.pick(regionQuestion(memory, active, own));
      },
    },
  ]);
  return withCancellableProgress(vscode.l10n.t('Connecting'), async (signal, report) => {
    if (choice === 'sandbox') return session.connectToSandbox(signal);
    const settings = { ...configured, profile: choice.profile, region: region === '' ? undefined : region };
    return connectAndRemember(session, memory, settings, signal, report);
  });
}

async function connectionQuestion(
  session: Session,
  configured: string | undefined,
): Promise<PickQuestion<ConnectionChoice>> {
  const profiles = await session.profiles();
  const active = session.current?.settings.profile ?? configured;
  const separator = (label: string): Choice<ConnectionChoice> => ({
    label,
    kind: vscode.QuickPickItemKind.Separator,
    value: 'sandbox',
  });
  return {
    placeholder: vscode.l10n.t('AWS profile, or the local sandbox'),
    choices: [
      ...profiles.map((profile) => ({
        label: profile,
        iconPath: new vscode.ThemeIcon('account'),
        value: { profile },
      })),
      ...(profiles.length > 0 ? [separator('')] : []),
      {
        label: vscode.l10n.t('Environment and default credentials'),
        iconPath: new vscode.ThemeIcon('key'),
        detail: vscode.l10n.t('AWS_ACCESS_KEY_ID, AWS_PROFILE, container or instance role'),
        value: { profile: undefined },
      },
      {
        label: vscode.l10n.t('Local sandbox'),
        iconPath: new vscode.ThemeIcon('beaker'),
        detail: vscode.l10n.t('A Pinpoint and S3 on this machine, with sample data. No AWS account needed.'),
        value: 'sandbox',
      },
    ],
    isActive: (choice) => choice !== 'sandbox' && choice.profile === active,
  };
}

/** The region of the profile first, then the others of its partition, since credentials are valid in one partition only. */
function regionQuestion(
  memory: Memory,
  active: string | undefined,
  ofProfile: string | undefined,
): PickQuestion<string> {
  const known = ofProfile ?? active;
  const choice = (region: string): Choice<string> => ({
    label: region,
    description: pinpointRegions[region] ?? '',
    value: region,
  });
  return {
    placeholder: vscode.l10n.t('Region of the Pinpoint project: select one or type its name'),
    choices: [
      {
        label: vscode.l10n.t('Region of the profile'),
        description: ofProfile ?? vscode.l10n.t('AWS_REGION or region of the profile'),
        value: '',
      },
      ...regionsToOffer(memory.get('regions.recent') ?? [], known && partitionOf(known)).map(choice),
    ],
    isActive: (region) => region === active,
    typed: (text) => (looksLikeRegion(text) ? choice(text) : undefined),
  };
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

async function connectAndRemember(
  session: Session,
  memory: Memory,
  settings: ConnectionSettings,
  signal: AbortSignal,
  report: Report,
): Promise<Connection> {
  const show = (page: SignInPage): Promise<void> => openSignInPage(page, report);
  const connection = await session.connectSigningIn(settings, show, signal);
  const { region } = connection.identity;
  const recent = (memory.get('regions.recent') ?? []).filter((other) => other !== region);
  await memory.set('regions.recent', [region, ...recent].slice(0, 5));
  return connection;
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

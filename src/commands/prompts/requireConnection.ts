import * as vscode from 'vscode';
import type { Connection, ConnectionSettings } from '../../aws/connection/connection.ts';
import type { Memory } from '../../host/sessionMemory.ts';
import type { SignInPage } from '../../aws/connection/ssoSignIn.ts';
import { withCancellableProgress, type Report } from '../../host/progress.ts';
import { askSteps, openSignInPage, type Choice, type PickQuestion } from '../../host/prompts.ts';
import { looksLikeRegion, partitionOf, pinpointRegions, regionsToOffer } from '../../host/regions.ts';
import type { Session } from '../../host/session.ts';
import { connectionSettings } from '../../host/settings.ts';
import { type Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { getOwn } from '../../ownMember.ts';

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

/** Asks for profile and region, then connects. The sandbox has no region to choose. */
export async function askAndConnect({
  session,
  memory,
}: Pick<CommandServices, 'session' | 'memory'>): Promise<Connection> {
  const configured = connectionSettings();
  const given: ConnectionAnswers = { choice: 'sandbox', region: configured.region };
  const { choice, region } = await askSteps(vscode.l10n.t('Connect to Amazon Pinpoint'), given, [
    {
      ask: async (asker, answers) => ({
        ...answers,
        choice: await asker.pick(await connectionQuestion(session, configured.profile)),
      }),
    },
    {
      skip: (answers) => answers.choice === 'sandbox',
      ask: async (asker, answers) => {
        const own = answers.choice === 'sandbox' ? undefined : await session.regionOf(answers.choice.profile);
        const active = session.current?.identity.region ?? configured.region;
        return { ...answers, region: await asker.pick(regionQuestion(memory, active, own)) };
      },
    },
  ]);
  return withCancellableProgress(vscode.l10n.t('Connecting'), async (signal, report) => {
    if (choice === 'sandbox') return session.connectToSandbox(signal);
    const settings = { ...configured, profile: choice.profile, region: region === '' ? undefined : region };
    return connectAndRemember(session, memory, settings, signal, report);
  });
}

type ConnectionChoice = { readonly profile: string | undefined } | 'sandbox';

interface ConnectionAnswers {
  readonly choice: ConnectionChoice;
  readonly region: string | undefined;
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
export function regionQuestion(
  memory: Memory,
  active: string | undefined,
  ofProfile: string | undefined,
): PickQuestion<string> {
  const known = ofProfile ?? active;
  const choice = (region: string): Choice<string> => ({
    label: region,
    description: getOwn(pinpointRegions, region) ?? '',
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

export async function connectAndRemember(
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

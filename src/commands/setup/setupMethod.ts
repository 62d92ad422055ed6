import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection/connection.ts';
import { type SetupPlan, type StepId, stepsToTake } from '../../jobs/setup/setupPlan.ts';
import type { ScriptKind } from '../../jobs/setup/setupScripts.ts';
import { askOne, type Choice } from '../../host/prompts.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';

/** How to carry out a plan: create it, or write a script or template. */
export interface Method {
  readonly as: 'aws' | ScriptKind;
  readonly changeExisting: boolean;
}

export const setupMethods = ['aws', 'cli', 'cloudformation', 'terraform'] as const;

/** How to carry out the plan that is on the screen. */
export async function askForMethod(plan: SetupPlan): Promise<Method> {
  const creates = stepsToTake(plan, false).length;
  const changes = stepsToTake(plan, true).length - creates;
  const create: readonly Choice<Method>[] = [
    ...(creates > 0
      ? [
          {
            label: changes === 0 ? vscode.l10n.t('Create') : vscode.l10n.t('Create missing parts only'),
            iconPath: new vscode.ThemeIcon('add'),
            value: { as: 'aws', changeExisting: false } as const,
          },
        ]
      : []),
    ...(changes > 0
      ? [
          {
            label:
              creates > 0
                ? vscode.l10n.t('Create missing parts and change existing ones')
                : vscode.l10n.t('Change existing parts'),
            iconPath: new vscode.ThemeIcon('edit'),
            value: { as: 'aws', changeExisting: true } as const,
          },
        ]
      : []),
  ];
  const script = (label: string, as: ScriptKind): Choice<Method> => ({
    label,
    iconPath: new vscode.ThemeIcon('file-code'),
    description: vscode.l10n.t('opens in an editor; nothing is created'),
    value: { as, changeExisting: changes > 0 && creates === 0 },
  });
  return askOne(vscode.l10n.t('Create Setup'), (asker) =>
    asker.pick<Method>({
      placeholder: vscode.l10n.t('Review the calls in the editor. Create them?'),
      choices: [
        ...create,
        script(vscode.l10n.t('AWS CLI Script'), 'cli'),
        script(vscode.l10n.t('CloudFormation Template'), 'cloudformation'),
        script(vscode.l10n.t('Terraform'), 'terraform'),
      ],
    }),
  );
}

/** The one question before anything is created. */
export async function confirmPlan(
  plan: SetupPlan,
  changeExisting: boolean,
  connection: Connection,
): Promise<void> {
  const { wanted } = plan;
  const steps = stepsToTake(plan, changeExisting);
  const ids = new Set(steps.filter(({ action }) => action === 'create').map(({ id }) => id));
  // Settings and policies are created with their bucket or role; the document lists them all.
  const isPart = (id: StepId): boolean =>
    /^(public-access|encryption|lifecycle)$/.test(id)
      ? ids.has('bucket')
      : /-(trust|policy)$/.test(id) && ids.has(id.replace(/-.*/, '-role') as StepId);
  const titles = (action: 'create' | 'change'): string =>
    steps
      .filter((step) => step.action === action && !isPart(step.id))
      .map(({ title }) => title)
      .join(', ');
  await confirm(
    vscode.l10n.t('Create this setup?'),
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Project'), wanted.projectId ?? vscode.l10n.t('all projects in the region')],
      [vscode.l10n.t('Bucket'), `s3://${wanted.bucket}/${wanted.prefix}`],
      [vscode.l10n.t('Create'), titles('create')],
      [vscode.l10n.t('Change'), titles('change')],
      [
        vscode.l10n.t('Deleted after 7 days'),
        vscode.l10n.t('everything in {0}', `s3://${wanted.bucket}/${wanted.prefix}`),
      ],
    ],
    [vscode.l10n.t('Create')],
    steps.some(({ action }) => action === 'change') ? 'warning' : 'info',
  );
}

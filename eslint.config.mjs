import { default as regexp } from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';
import { ownNames } from './tools/ownNames.ts';

/**
 * Import direction (see CONTRIBUTING.md): what a folder of src/ may import from the other folders of src/.
 * Files directly in src/ (errors.ts, events.ts) may be imported from anywhere.
 */
const mayImport = {
  endpoints: [],
  aws: ['endpoints'],
  jobs: ['endpoints', 'aws'],
  sandbox: [],
  cli: ['endpoints', 'aws', 'jobs', 'sandbox'],
  host: ['endpoints', 'aws', 'jobs'],
  editor: ['endpoints', 'aws', 'jobs', 'host'],
  views: ['endpoints', 'aws', 'jobs', 'host'],
  pages: ['endpoints', 'aws', 'jobs', 'host', 'views'],
  commands: ['endpoints', 'aws', 'jobs', 'host', 'pages'],
  tasks: ['endpoints', 'aws', 'jobs', 'host', 'commands'],
};
const folders = Object.keys(mayImport);
const withoutEditor = ['endpoints', 'aws', 'jobs', 'sandbox', 'cli'];

const importDirection = folders.map((folder) => {
  const forbidden = folders.filter((other) => other !== folder && !mayImport[folder].includes(other));
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...(withoutEditor.includes(folder)
              ? [{ name: 'vscode', message: `src/${folder} works without an editor.` }]
              : []),
            ...['node:process', 'process'].map((name) => ({ name, message: 'Use the global process.' })),
          ],
          patterns: [
            ...(forbidden.length === 0
              ? []
              : [
                  {
                    regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
                    message: `src/${folder} may import only from: ${mayImport[folder].join(', ') || 'itself'}.`,
                  },
                ]),
            {
              regex: '^(\\.\\./)+(services|extension)\\.ts$',
              message: 'Only the entry points know the composition root.',
            },
            ...(folder === 'aws' || folder === 'cli'
              ? []
              : [{ regex: '^@aws-sdk/', message: 'The AWS SDK stays behind the ports of src/aws.' }]),
          ],
        },
      ],
    },
  };
});

/**
 * The doors through which text reaches the window; each makes it inert (see src/host/inertText.ts). Nothing goes around them:
 * VS Code turns text of files and services into links that run commands.
 */
export const doors = [
  'src/host/notifications.ts',
  'src/host/progress.ts',
  'src/host/prompts.ts',
  'src/host/markdown.ts',
  'src/host/treeItems.ts',
  'src/host/statusItem.ts',
  'src/host/editorParts.ts',
  'src/host/outputLog.ts',
  'src/pages/page.ts',
  'src/pages/report/reportPanels.ts',
];

const shows =
  '/^(show(Information|Warning|Error)Message|withProgress|setStatusBarMessage|showQuickPick|createQuickPick|showInputBox|createInputBox|showOpenDialog|showSaveDialog|showWorkspaceFolderPick|createStatusBarItem|createOutputChannel|createTerminal|createWebviewPanel)$/';
const builds =
  '/^(MarkdownString|Hover|DocumentLink|Diagnostic|DiagnosticRelatedInformation|TreeItem|CodeLens|CodeAction|FileDecoration|InlayHint|TerminalLink)$/';
const message = 'Text reaches the window only through the doors of src/host, which make it inert.';

/** Between a look and a removal, others may put anything at a path in a folder that they can write to. */
const removal = {
  selector:
    ':matches(CallExpression[callee.name=/^rm(Sync)?$/], CallExpression[callee.property.name=/^rm(Sync)?$/]) Property[key.name="recursive"]',
  message: 'Remove folders with src/ownFolders.ts, which leaves alone what others put in their place.',
};

/** The text of an error that isn't ours may quote a row. */
const errorTexts = [
  "CallExpression[callee.name='String'][arguments.0.name=/^(error|thrown|failure|reason)$/]",
  "ConditionalExpression[test.operator='instanceof'][test.right.name='Error'] > MemberExpression.consequent[property.name=/^(message|stack)$/]",
].map((selector) => ({ selector, message: 'Use reasonOf, errorKind or stackOf of src/errors.ts.' }));

/** Records are read without following links or waiting for pipes, from folders that are checked when they are made. */
const ownRecords = [
  {
    selector: 'ImportSpecifier[imported.name=/^readFile(Sync)?$/]',
    message: 'Read our own files with src/ownFiles.ts, which refuses links, pipes and files of other users.',
  },
  {
    selector:
      'CallExpression[callee.name=/^mkdir(Sync)?$/] Property[key.name="mode"] > Identifier[name="privateFolder"]',
    message:
      'Make folders of records with makeRecordFolder, which refuses those that other users can write to.',
  },
];

/** In place of a file that a user named, another user may have put a pipe, on which opening waits, or a link to a device. */
const reads = '/^(createReadStream|readFile|readFileSync)$/';
const opens =
  'CallExpression[callee.name=/^open(Sync)?$/]:matches([arguments.length=1], [arguments.1.value=/^r/])';
const [readers, readersOfJobs] = [reads, '/^createReadStream$/'].map((imported) =>
  [
    `ImportSpecifier[imported.name=${imported}]`,
    `MemberExpression[property.name=${reads}]:matches([object.name=/^(fs|promises)$/], [object.property.name=/^(fs|promises)$/])`,
    opens,
  ].map((selector) => ({
    selector,
    message: 'Read files with src/regularFile.ts, which refuses pipes and devices.',
  })),
);

/** A foreign value in a text with placeholders is one itself: `{0}` in it would become another value. It is passed as an argument. */
const templates = [
  "CallExpression[callee.object.property.name='l10n'][callee.property.name='t'][arguments.0.type!='Literal']",
  "CallExpression[callee.name='t'][arguments.0.type!='Literal']",
  "CallExpression[callee.name='plural']:matches([arguments.1.type!='Literal'], [arguments.2.type!='Literal'])",
].map((selector) => ({
  selector,
  message: 'Texts with placeholders are literals; pass values as arguments.',
}));

const throughDoors = [
  { selector: `MemberExpression[property.name=${shows}]`, message },
  { selector: `ObjectPattern > Property[key.name=${shows}]`, message },
  { selector: "MemberExpression[computed=true][object.property.name='window']", message },
  { selector: `NewExpression[callee.property.name=${builds}]`, message },
  { selector: `ObjectPattern > Property[key.name=${builds}]`, message },
  {
    selector: 'AssignmentExpression[left.property.name=/^(isTrusted|supportHtml|supportThemeIcons)$/]',
    message,
  },
  {
    selector: "CallExpression[callee.object.property.name='FileSystemError'][arguments.0.type!='Identifier']",
    message,
  },
  { selector: "MemberExpression[property.name='openExternal']", message },
  {
    selector:
      "ImportDeclaration[source.value='vscode'][importKind!='type'] > :not(ImportNamespaceSpecifier)[type=/Specifier$/]",
    message: 'Import all of vscode (import * as vscode), so that what is used of it can be seen.',
  },
];

const onlyThroughDoors = [
  {
    files: ['src/**/*.ts'],
    ignores: doors,
    rules: {
      'no-restricted-syntax': ['error', removal, ...readers, ...errorTexts, ...templates, ...throughDoors],
    },
  },
  {
    files: ['src/jobs/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        removal,
        ...readersOfJobs,
        ...ownRecords,
        ...errorTexts,
        ...throughDoors,
      ],
    },
  },
  // What it removes is in its data folder, which it checks at the start.
  { files: ['src/sandbox/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...throughDoors] } },
];

export default tseslint.config(
  { ignores: ['dist/', '.vscode-server/', '.bench/', 'node_modules/', 'media/', 'bench/node_modules/'] },
  // Made by tools/validators.ts.
  {
    ignores: [
      'src/aws/iam/policyValidator.ts',
      'src/endpoints/model/segmentValidator.ts',
      'src/jobs/mirror/mirrorsValidator.ts',
      'src/jobs/runs/runRecordValidator.ts',
      'src/sandbox/http/faultsValidator.ts',
    ],
  },
  // AssemblyScript, which its own compiler checks; abi.ts is TypeScript as well.
  { ignores: ['src/endpoints/engine/*.ts', '!src/endpoints/engine/abi.ts'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Index access is checked by the compiler (noUncheckedIndexedAccess); in loops over bytes the assertion is the cheap way out.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': 'off',
    },
  },
  ...importDirection,
  ...onlyThroughDoors,
  // No text of these may run anything, not even behind a door.
  {
    files: doors,
    rules: {
      'no-restricted-syntax': [
        'error',
        removal,
        ...readers,
        ...errorTexts,
        ...templates,
        {
          selector:
            ':matches(AssignmentExpression[left.property.name=/^(isTrusted|supportHtml)$/], Property[key.name=/^(isTrusted|supportHtml)$/])',
          message: 'Markdown of ours runs no command and holds no HTML.',
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/terminal.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...['stdout', 'stderr', '_rawDebug', 'emitWarning'].map((property) => ({
          object: 'process',
          property,
          message: 'What is printed goes through src/terminal.ts, which makes it legible.',
        })),
      ],
    },
  },
  {
    // Much of what is matched is foreign and may be long.
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': 'error',
      'regexp/no-super-linear-move': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/ownMember.ts'],
    plugins: { audience: { rules: { 'own-names': ownNames } } },
    rules: { 'audience/own-names': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
  { files: ['tools/**/*.ts', 'bench/**/*.ts', 'test/support/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';
import { testLimit } from '../../support/runMocha.ts';

const files = globSync('src/**/*.ts', { cwd: root }).sort();

/** AssemblyScript, which is compiled as one program. */
const isEngine = (file: string): boolean => dirname(file) === join('src', 'endpoints', 'engine');

/** What each file imports, types included. */
const imports = new Map(
  files
    .filter((file) => !isEngine(file))
    .map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const from = dirname(join(root, file));
      const targets = [...text.matchAll(/^(?:import|export)\b[^;'"]*\bfrom '(\.[^']+)';/gm)].map(
        ([, target = '']) => relative(root, join(from, target)),
      );
      return [file, targets] as const;
    }),
);

/** Files that import each other, in a circle; none where there is no such circle. */
function cycle(): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    path.push(file);
    for (const target of imports.get(file) ?? []) {
      const found = visit(target);
      if (found.length > 0) return found;
    }
    path.pop();
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const found = visit(file);
    if (found.length > 0) return found;
  }
  return [];
}

describe('The tests', () => {
  it('give no test less time than others: a machine may be slow or busy', () => {
    const tight = globSync('test/**/*.ts', { cwd: root }).flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\.timeout\((\d[\d_]*)\)/g)]
        .filter(([, limit = '']) => Number(limit.replaceAll('_', '')) <= testLimit)
        .map(([text]) => `${file}: ${text}`),
    );
    assert.deepEqual(tight, []);
  });
});

describe('The sources', () => {
  it('run in Node.js 22, which has no `using`', () => {
    const found = globSync('{src,test/{unit,proofs,sandbox,support}}/**/*.ts', { cwd: root }).filter((file) =>
      /^\s*(?:await )?using \w+ = /m.test(readFileSync(join(root, file), 'utf8')),
    );
    assert.deepEqual(found, []);
  });

  it('have no files that import each other in a circle', () => {
    assert.deepEqual(cycle(), []);
  });

  it('have no two files of the same name, but for index.ts', () => {
    const names = new Map<string, string[]>();
    for (const file of files) names.set(basename(file), [...(names.get(basename(file)) ?? []), file]);
    const repeated = [...names].filter(([name, paths]) => name !== 'index.ts' && paths.length > 1);
    assert.deepEqual(repeated, []);
  });

  it('have no commands that call each other through the editor, except for steps that a person clicks', () => {
    const callers = files.filter(
      (file) =>
        file.startsWith(join('src', 'commands')) &&
        /executeCommand\(\s*(?:commandIds|id\b)/.test(readFileSync(join(root, file), 'utf8')),
    );
    assert.deepEqual(callers, [join('src', 'commands', 'framework', 'nextSteps.ts')]);
  });

  it('rename and remove files, and tell them apart, in one place each, which knows what Windows needs', () => {
    const ways: readonly (readonly [place: string, way: RegExp])[] = [
      [
        'src/fileOperations.ts',
        /^import \{[^}]*\b(rename|rm|unlink|renameSync|rmSync)\b[^}]*\} from 'node:fs/m,
      ],
      ['src/fileOperations.ts', /\b(fs|fs\.promises|promises)\.(rename|rm|unlink)(Sync)?\(/],
      ['src/fileIdentity.ts', /\.ino\b|\bino\b/],
    ];
    for (const [place, way] of ways) {
      const around = files.filter((file) => way.test(readFileSync(join(root, file), 'utf8')));
      assert.deepEqual(
        around.map((file) => file.replaceAll('\\', '/')).filter((file) => file !== place),
        [],
        `go around ${place}`,
      );
    }
  });

  it('set no context key that package.json does not read', () => {
    const [, members = ''] =
      /interface ContextKeys \{(.*?)\n\}/s.exec(
        readFileSync(join(root, 'src/host/contextKeys.ts'), 'utf8'),
      ) ?? [];
    const keys = [...members.matchAll(/^ {2}(\w+):/gm)].map(([, key = '']) => key);
    assert.ok(keys.length > 5);
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    assert.deepEqual(
      keys.filter((key) => !new RegExp(`pinpointAudience\\.${key}\\b`).test(manifest)),
      [],
    );
  });
});

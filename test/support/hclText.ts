/** What a Terraform file says, as far as we write it. */
interface HclBlock {
  readonly type: string;
  readonly labels: readonly string[];
  readonly body: HclBody;
}
export interface HclBody {
  readonly values: Readonly<Record<string, unknown>>;
  readonly blocks: readonly HclBlock[];
}

type Token = { readonly kind: 'name' | 'text' | 'number' | 'sign' | 'line'; readonly value: string };

/** Strict: it knows no templates, so a text in which one begins is an error (HCL native syntax specification, "Quoted templates"). */
const tokenPattern =
  /(?<space>[ ]+)|(?<comment>#[^\n]*)|(?<line>\n)|(?<text>"(?:[^"\\\n$%\p{Cc}]|\\(?:[nrt"\\]|u[0-9a-f]{4})|\$\$\{|%%\{|[$%](?!\{))*")|(?<name>[A-Za-z_][\w.-]*)|(?<number>\d+)|(?<sign>[=(){}[\],])/uy;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex;
    const groups = tokenPattern.exec(text)?.groups;
    if (groups === undefined) throw new Error(`No token of HCL at ${at}: ${text.slice(at, at + 60)}`);
    for (const kind of ['name', 'text', 'number', 'sign', 'line'] as const) {
      const value = groups[kind];
      if (value !== undefined) tokens.push({ kind, value });
    }
  }
  return tokens;
}

/** Reads a Terraform file; throws if it isn't one. A reference is an object with the member `reference`. */
export function readHcl(text: string): readonly HclBlock[] {
  const tokens = tokensOf(text);
  let at = 0;
  const fail = (wanted: string): never => {
    const near = tokens.slice(at, at + 5).map(({ value }) => value);
    throw new Error(`Expected ${wanted}: ${near.join(' ')}`);
  };
  const is = (kind: Token['kind'], value?: string): boolean =>
    tokens[at]?.kind === kind && (value === undefined || tokens[at]!.value === value);
  const take = (kind: Token['kind'], value?: string): string =>
    is(kind, value) ? tokens[at++]!.value : fail(value ?? kind);
  const lines = (): void => {
    while (is('line')) at += 1;
  };
  const quoted = (): string =>
    (JSON.parse(take('text')) as string).replaceAll('$${', '${').replaceAll('%%{', '%{');

  const value = (): unknown => {
    if (is('text')) return quoted();
    if (is('number')) return Number(take('number'));
    if (is('sign', '[')) {
      take('sign', '[');
      const list: unknown[] = [];
      lines();
      while (!is('sign', ']')) {
        list.push(value());
        if (is('sign', ',')) take('sign', ',');
        lines();
      }
      take('sign', ']');
      return list;
    }
    if (is('sign', '{')) {
      take('sign', '{');
      const members: [string, unknown][] = [];
      lines();
      while (!is('sign', '}')) {
        const name = is('text') ? quoted() : take('name');
        take('sign', '=');
        members.push([name, value()]);
        lines();
      }
      take('sign', '}');
      return Object.fromEntries(members);
    }
    const name = take('name');
    if (name === 'true' || name === 'false') return name === 'true';
    if (name !== 'jsonencode') return { reference: name };
    take('sign', '(');
    const encoded = value();
    take('sign', ')');
    return encoded;
  };

  const body = (isEnd: () => boolean): HclBody => {
    const values: Record<string, unknown> = {};
    const blocks: HclBlock[] = [];
    lines();
    while (!isEnd()) {
      const name = take('name');
      if (is('sign', '=')) {
        take('sign', '=');
        values[name] = value();
      } else {
        const labels: string[] = [];
        while (is('text')) labels.push(quoted());
        take('sign', '{');
        const inner = body(() => is('sign', '}'));
        take('sign', '}');
        blocks.push({ type: name, labels, body: inner });
      }
      if (!isEnd()) take('line');
      lines();
    }
    return { values, blocks };
  };
  const { values, blocks } = body(() => at === tokens.length);
  if (Object.keys(values).length > 0) fail('blocks only');
  return blocks;
}

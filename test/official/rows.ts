/** What one thing of the official package has to do with ours, as a line of TypeScript that compiles when they fit. */
export interface Row {
  /** `give Message`, `take RealtimeOptions`, `call AgentChatClient.getMe`, `new NotFoundError`. */
  readonly name: string;
  readonly line: string;
}

/** What users only hand over: ours may take more than theirs, and does. */
const TAKEN: ReadonlySet<string> = new Set([
  'AgentChatClientIdentity',
  'AgentChatClientKind',
  'AgentChatClientOptions',
  'AgentChatErrorResponse',
  'CallOptions',
  'CreateWebhookRequest',
  'HttpRequestOptions',
  'HttpTransportOptions',
  'PresenceUpdate',
  'RealtimeOptions',
  'RenderOptions',
  'RequestHooks',
  'RetryOption',
  'RetryPolicy',
  'VerifyWebhookOptions',
]);

/** Both packages have a class of this name with private fields, which no other can be: their members are compared. */
const NOMINAL: readonly string[] = ['AgentChatClient', 'HttpTransport', 'RealtimeClient'];

const HEAD = `import type * as theirs from 'agentchatme';
import type * as ours from 'agentchat-client';
/** Its parameters are compared as those of a function, not with the leniency that methods enjoy. */
type Strict<F> = F extends (...args: infer A) => infer R ? (...args: A) => Told<R> : F;
/** What it comes to: a client in an answer is one of ours, which no other class can be. */
type Told<R> = R extends Promise<infer V> ? Promise<V extends { client: unknown } ? Omit<V, 'client'> : V> : R;
`;

/** The names that the official package exports, by kind, and the public members of its classes. */
export interface OfficialNames {
  readonly types: readonly string[];
  readonly functions: readonly string[];
  readonly constants: readonly string[];
  readonly classes: readonly {
    readonly name: string;
    readonly statics: string[];
    readonly members: string[];
  }[];
}

export function rowsFor({ types, functions, constants, classes }: OfficialNames): Row[] {
  const rows: Row[] = [];
  const row = (name: string, from: string, to: string) =>
    rows.push({ name, line: `export const row${rows.length} = (given: ${from}): ${to} => given;` });
  for (const name of types) {
    row(`take ${name}`, `theirs.${name}`, `ours.${name}`);
    if (!TAKEN.has(name)) row(`give ${name}`, `ours.${name}`, `theirs.${name}`);
  }
  for (const name of functions) {
    row(`call ${name}`, `typeof ours.${name}`, `Strict<typeof theirs.${name}>`);
  }
  for (const name of constants) row(`give ${name}`, `typeof ours.${name}`, `typeof theirs.${name}`);
  for (const { name, statics, members } of classes) {
    const theirs = `ConstructorParameters<typeof theirs.${name}>`;
    row(`new ${name}`, theirs, `ConstructorParameters<typeof ours.${name}>`);
    for (const member of statics) {
      const at = `${name}['${member}']`;
      row(`call ${name}.${member}`, `(typeof ours.${at})`, `Strict<(typeof theirs.${at})>`);
    }
    if (!NOMINAL.includes(name)) row(`give ${name}`, `ours.${name}`, `theirs.${name}`);
    else {
      for (const member of members) {
        const at = `${name}['${member}']`;
        row(`call ${name}#${member}`, `ours.${at}`, `Strict<theirs.${at}>`);
      }
    }
  }
  return rows;
}

/** The rows as a program, a line each. */
export function programOf(rows: readonly Row[]): string {
  return HEAD + rows.map(({ line }) => `${line}\n`).join('');
}

/** The row that a line of that program is. */
export function rowAt(rows: readonly Row[], line: string): string {
  return rows.find((row) => row.line === line)?.name ?? line;
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `tsc --strict` says of a line. */
export interface Complaint {
  /** `realtime.ts:12`. */
  readonly at: string;
  /** The line itself. */
  readonly line: string;
  readonly says: string;
}

/** What users of the official package compile with: `--strict`, and nothing stricter. */
const OPTIONS: ts.CompilerOptions = {
  strict: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ['node'],
  skipLibCheck: true,
  noEmit: true,
  baseUrl: root,
  paths: { 'agentchat-client': ['./src/index.ts'] },
};

/**
 * Programs by their names, compiled together once: each as it is, with `agentchatme`, and once more with nothing changed
 * but the import. One program of the compiler for all, since most of its time goes into reading libraries.
 */
export class Compilation {
  private readonly program: ts.Program;

  constructor(private readonly sources: ReadonlyMap<string, string>) {
    const files = new Map<string, string>();
    for (const [name, text] of sources) {
      files.set(pathOf('theirs', name), text);
      files.set(pathOf('ours', name), text.replaceAll("'agentchatme'", "'agentchat-client'"));
    }
    const host = ts.createCompilerHost(OPTIONS, true);
    const { getSourceFile, fileExists, readFile } = host;
    host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
    host.readFile = (path) => files.get(path) ?? readFile.call(host, path);
    host.getSourceFile = (path, version, ...rest) => {
      const text = files.get(path);
      if (text !== undefined) return ts.createSourceFile(path, text, version, true);
      return getSourceFile.call(host, path, version, ...rest);
    };
    this.program = ts.createProgram([...files.keys()], OPTIONS, host);
  }

  get names(): string[] {
    return [...this.sources.keys()];
  }

  /** What the compiler says of a program when it imports that package. */
  complaints(whose: 'theirs' | 'ours', name: string): Complaint[] {
    const file = this.program.getSourceFile(pathOf(whose, name));
    const found = [
      ...this.program.getSyntacticDiagnostics(file),
      ...this.program.getSemanticDiagnostics(file),
    ];
    return found.map((diagnostic) => complaintOf(name, diagnostic));
  }
}

/** The programs beside this file. */
export function programs(): Map<string, string> {
  const folder = join(here, 'programs');
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  return new Map(names.map((name) => [name, ts.sys.readFile(join(folder, name)) ?? '']));
}

function pathOf(whose: 'theirs' | 'ours', name: string): string {
  return join(here, 'programs', `${whose}--${name}`);
}

function complaintOf(name: string, { file, start, messageText }: ts.Diagnostic): Complaint {
  const says = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined || start === undefined) return { at: name, line: '', says };
  const { line } = file.getLineAndCharacterOfPosition(start);
  return { at: `${name}:${line + 1}`, line: file.text.split('\n')[line]?.trim() ?? '', says };
}

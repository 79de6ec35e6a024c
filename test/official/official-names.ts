import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { OfficialNames } from './rows.js';

const declarations = fileURLToPath(import.meta.resolve('agentchatme')).replace(/\.c?js$/, '.d.ts');

/** Reads what the installed official package exports, from its declarations. */
export function officialNames(): OfficialNames {
  const file = ts.createSourceFile(
    declarations,
    ts.sys.readFile(declarations) ?? '',
    ts.ScriptTarget.ES2022,
    true,
  );
  const exported = new Set<string>();
  const types: string[] = [];
  const functions: string[] = [];
  const constants: string[] = [];
  const classes: { name: string; statics: string[]; members: string[] }[] = [];
  for (const statement of file.statements) {
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    ) {
      for (const { name } of statement.exportClause.elements) exported.add(name.text);
    }
  }
  for (const statement of file.statements) {
    if (ts.isClassDeclaration(statement) && statement.name && exported.has(statement.name.text)) {
      classes.push({
        name: statement.name.text,
        statics: membersOf(statement, true),
        members: membersOf(statement, false),
      });
    } else if (ts.isFunctionDeclaration(statement) && statement.name && exported.has(statement.name.text)) {
      functions.push(statement.name.text);
    } else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) {
        if (exported.has(name.getText())) constants.push(name.getText());
      }
    } else if (
      (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) &&
      exported.has(statement.name.text)
    ) {
      // `HttpResponse<T>` is compared with one argument for all.
      types.push(statement.typeParameters ? `${statement.name.text}<unknown>` : statement.name.text);
    }
  }
  return { types, functions, constants, classes };
}

function membersOf(declaration: ts.ClassDeclaration, isStatic: boolean): string[] {
  const names = declaration.members.flatMap((member) => {
    const modifiers = ts.getCombinedModifierFlags(member);
    if (modifiers & ts.ModifierFlags.Private || member.name === undefined) return [];
    return Boolean(modifiers & ts.ModifierFlags.Static) === isStatic ? [member.name.getText()] : [];
  });
  return [...new Set(names)];
}

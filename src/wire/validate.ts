import * as v from 'valibot';
import type { Schema } from './schemas/index.js';

/** One way in which a value departs from the contract. */
export interface WireProblem {
  /** Where, as one would write it: `content.text`, `members[3].role`; `''` for the value itself. */
  readonly field: string;
  /** What is wrong, to be read after the field: `must not be empty`. */
  readonly problem: string;
}

/**
 * Compares a value with a schema. An empty list says that it fits. Neither the value nor what is returned is a copy: go on
 * with the value that you have, unknown fields and all. No value makes this throw.
 */
export function findProblems(schema: Schema, value: unknown): readonly WireProblem[] {
  try {
    const { issues } = v.safeParse(schema(), value);
    return issues === undefined ? [] : issues.map(problemOf);
  } catch {
    // A getter or a proxy that throws cannot come from JSON, but can come from a caller.
    return [{ field: '', problem: 'must be plain data' }];
  }
}

function problemOf(issue: v.BaseIssue<unknown>): WireProblem {
  const steps = (issue.path ?? []).map((step) => step.key);
  return { field: steps.reduce<string>(joinPath, ''), problem: problemText(issue) };
}

function joinPath(path: string, step: unknown): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  return path === '' ? String(step) : `${path}.${String(step)}`;
}

/** How the schema library begins a text of its own. Ours are written to be read after the field. */
const ITS_OWN = 'Invalid ';

function problemText({ type, message, expected, received }: v.BaseIssue<unknown>): string {
  if (!message.startsWith(ITS_OWN)) return message;
  switch (type) {
    case 'loose_object':
    case 'record':
      return expected === 'Object' ? 'must be an object' : 'is missing';
    case 'union':
    case 'variant':
      return 'has none of the known forms';
    case 'array':
      return 'must be an array';
    case 'finite':
      return 'must be a number';
    case 'literal':
      return `must be ${expected}`;
    default:
      return received === 'undefined' && expected === null ? 'is missing' : `must be a ${type}`;
  }
}

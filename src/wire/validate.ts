import * as z from 'zod/mini';
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
  let result: {
    readonly success: boolean;
    readonly error?: { readonly issues: readonly z.core.$ZodIssue[] };
  };
  try {
    result = z.safeParse(schema, value);
  } catch {
    // A getter or a proxy that throws cannot come from JSON, but can come from a caller.
    return [{ field: '', problem: 'must be plain data' }];
  }
  return result.success ? [] : (result.error?.issues ?? []).map(problemOf);
}

function problemOf(issue: z.core.$ZodIssue): WireProblem {
  return { field: issue.path.reduce<string>(joinPath, ''), problem: problemText(issue) };
}

function joinPath(path: string, step: PropertyKey): string {
  if (typeof step === 'number') return `${path}[${step}]`;
  return path === '' ? String(step) : `${path}.${String(step)}`;
}

/** What a schema leaves unsaid. The small build of the schema library has no texts of its own. */
const NO_TEXT = 'Invalid input';

function problemText(issue: z.core.$ZodIssue): string {
  if (issue.message !== NO_TEXT) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${withArticle(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_big':
      return `must be ${issue.maximum} or less`;
    case 'too_small':
      return `must be ${issue.minimum} or more`;
    case 'invalid_union':
      return 'has none of the known forms';
    default:
      return 'is not as the contract says';
  }
}

function withArticle(kind: string): string {
  if (kind === 'int') return 'a whole number';
  if (kind === 'record') return 'an object';
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

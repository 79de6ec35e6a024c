import { checkFilled, checkOptionNames } from '../../../http/index.js';
import type { ContextQuery } from '../records/context.js';

const NAMES: readonly string[] = ['user_id', 'session_id', 'instance_id', 'query', 'language', 'timezone'];

/** The query of a context, which travels in camelCase. @throws ValidationError that names the field. */
export function wireContextQuery(fields: ContextQuery): Record<string, string | undefined> {
  checkOptionNames(fields, NAMES, 'getContext field');
  checkFilled(fields.user_id, 'user_id');
  const { user_id, session_id, instance_id, query, language, timezone } = fields;
  return { userId: user_id, sessionId: session_id, instanceId: instance_id, query, language, timezone };
}

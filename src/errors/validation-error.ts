import {
  AgentChatError,
  type AgentChatErrorInit,
  type AnswerDefaults,
  answered,
} from './agent-chat-error.js';

export interface ValidationErrorInit extends AgentChatErrorInit {
  /** What is wrong, by its name in the call: `content`, `to`, `options.timeoutMs`. */
  field?: string | undefined;
}

/**
 * What you passed cannot work: found here before anything was sent (`outcome` is `not_sent`), or by the service
 * (`rejected`). `field` names the culprit.
 */
export class ValidationError extends AgentChatError {
  static override get kind(): string {
    return 'ValidationError';
  }

  protected static override get defaults(): AnswerDefaults {
    return answered('VALIDATION_ERROR', 400);
  }

  declare readonly name: 'ValidationError';
  readonly field: string | undefined;

  constructor(init: ValidationErrorInit | string, status?: number | null, requestId?: string | null) {
    const given = typeof init === 'string' ? { message: init } : init;
    // Without a status nobody has answered.
    const isLocal = (status ?? given.status ?? null) === null;
    super(isLocal ? { ...given, outcome: given.outcome ?? 'not_sent' } : given, status, requestId);
    this.field = (given as ValidationErrorInit).field ?? firstKey(this.details?.fieldErrors);
  }
}

function firstKey(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
}

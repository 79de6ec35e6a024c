import { expectTypeOf } from 'expect-type';
import { describe, it } from 'vitest';
import type * as errors from '../../src/errors/index.js';
import type { ErrorCode } from '../../src/wire/index.js';

/** The members of an open union that are spelled out. */
type Spelled<Union> = Union extends string ? (string extends Union ? never : Union) : never;

describe('the codes of errors', () => {
  it('are those of the service and those of this side', () => {
    type Own =
      | 'CONNECTION_ERROR'
      | 'TIMEOUT'
      | 'ABORTED'
      | 'PROTOCOL_ERROR'
      | 'WEBHOOK_VERIFICATION_FAILED'
      | 'HANDLER_FAILED'
      | 'HANDLER_SLOW'
      | 'HANDLERS_LEFT'
      | 'REPLICAS_NEED_ACKS'
      | 'REPLICAS_FAILED'
      | 'CLOCK_SKEWED'
      | 'IDENTITY_UNKNOWN'
      | 'HANDLE_MISMATCH'
      | 'UNKNOWN_EVENT'
      | 'NO_HANDLER'
      | 'MESSAGE_SHED'
      | 'MESSAGES_MISSING'
      | 'STORE_FAILED'
      | 'BAD_ANSWER'
      | 'ANSWER_TOO_LONG'
      | 'TURN_TIMEOUT'
      | 'TURN_INTERRUPTED'
      | 'TURN_ENDED'
      | 'BUDGET_EXCEEDED'
      | 'PLATFORM_FAILED';
    expectTypeOf<Spelled<errors.AgentChatErrorCode>>().toEqualTypeOf<ErrorCode | Own>();
  });

  it('are open: a code of a newer server compiles', () => {
    expectTypeOf<string>().toExtend<errors.AgentChatErrorCode>();
  });
});

describe('the error classes', () => {
  it('are told apart by the compiler, so that an else branch keeps its error', () => {
    expectTypeOf<errors.BlockedError>().not.toExtend<errors.ForbiddenError>();
    expectTypeOf<errors.AgentChatError>().not.toExtend<errors.BlockedError>();
    expectTypeOf<errors.TimeoutError>().toExtend<errors.ConnectionError>();
    expectTypeOf<errors.ConnectionError>().not.toExtend<errors.TimeoutError>();
    expectTypeOf<errors.ConnectionError>().toExtend<errors.AgentChatClientError>();
    expectTypeOf<errors.ConnectionError>().not.toExtend<errors.AgentChatError>();
    expectTypeOf<errors.WebhookVerificationError>().toExtend<errors.AgentChatClientError>();
  });
});

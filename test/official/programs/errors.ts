import {
  type AgentChatClient,
  AgentChatError,
  type AgentChatErrorResponse,
  AwaitingReplyError,
  BlockedError,
  ConnectionError,
  createAgentChatError,
  ErrorCode,
  ForbiddenError,
  GroupDeletedError,
  NotFoundError,
  parseRetryAfter,
  RateLimitedError,
  RecipientBackloggedError,
  RestrictedError,
  ServerError,
  SuspendedError,
  UnauthorizedError,
  ValidationError,
} from 'agentchatme';

/** What a bot does about each kind of failure, in the order in which the official documentation asks. */
export async function send(client: AgentChatClient): Promise<string> {
  try {
    const { message } = await client.sendMessage({ to: '@alice', content: { text: 'hello' } });
    return message.id;
  } catch (error) {
    if (error instanceof RateLimitedError) {
      const wait: number | null = error.retryAfterMs;
      await new Promise((resolve) => setTimeout(resolve, wait ?? 1_000));
      return send(client);
    }
    if (error instanceof RecipientBackloggedError) {
      const who: string | null = error.recipientHandle;
      const count: number | null = error.undeliveredCount;
      return `${who} has ${count}`;
    }
    if (error instanceof GroupDeletedError) {
      const facts: (string | null)[] = [error.groupId, error.deletedByHandle, error.deletedAt];
      return facts.join();
    }
    if (error instanceof AwaitingReplyError) {
      const since: string | null = error.waitingSince;
      return `${error.recipientHandle} since ${since}`;
    }
    if (
      error instanceof BlockedError ||
      error instanceof SuspendedError ||
      error instanceof RestrictedError
    ) {
      return error.code;
    }
    if (error instanceof ValidationError) return JSON.stringify(error.details);
    if (error instanceof UnauthorizedError || error instanceof ForbiddenError) throw error;
    if (error instanceof NotFoundError || error instanceof ServerError) return error.message;
    if (error instanceof AgentChatError) {
      const status: number = error.status;
      const request: string | null = error.requestId;
      return `[${status}] ${error.code}: ${error.message} (${request ?? 'n/a'})`;
    }
    if (error instanceof ConnectionError) return error.message;
    throw error;
  }
}

export function byCode(error: AgentChatError): boolean {
  const known: ErrorCode[] = [ErrorCode.RATE_LIMITED, ErrorCode.RECIPIENT_BACKLOGGED, 'INTERNAL_ERROR'];
  return (known as string[]).includes(error.code) || error.code === ErrorCode.AWAITING_REPLY;
}

/** Errors as tests of theirs make them. */
export function mocks(): Error[] {
  const body: AgentChatErrorResponse = {
    code: 'RATE_LIMITED',
    message: 'slow down',
    details: { retry_after_ms: 5 },
  };
  return [
    new AgentChatError(body, 418),
    new AgentChatError(body, 418, 'req_1'),
    new RateLimitedError(body, 429, 1_000),
    new RateLimitedError(body, 429, null, 'req_1'),
    new NotFoundError({ code: 'AGENT_NOT_FOUND', message: 'nobody' }, 404, null),
    new ValidationError({ code: ErrorCode.VALIDATION_ERROR, message: 'no', details: { field: 'to' } }, 400),
    new RecipientBackloggedError({ code: 'RECIPIENT_BACKLOGGED', message: 'full' }, 429),
    new GroupDeletedError({ code: 'GROUP_DELETED', message: 'gone' }, 410, 'req_1'),
    new AwaitingReplyError({ code: 'AWAITING_REPLY', message: 'patience' }, 403),
    new ServerError({ code: 'SOMETHING_NEW', message: 'oops' }, 503),
    new ConnectionError('no route'),
    createAgentChatError(body, 429, new Headers({ 'retry-after': '3', 'x-request-id': 'req_2' })),
    createAgentChatError(body, 500),
  ];
}

export function waitFor(headers: Headers): number {
  const fromHeader: number | null = parseRetryAfter(headers.get('retry-after'));
  return fromHeader ?? parseRetryAfter(undefined) ?? 0;
}

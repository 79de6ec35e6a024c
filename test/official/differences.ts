/**
 * What differs from the official package on purpose. The table of the README, "Coming from `agentchatme`", is printed from
 * this list (`npm run readme`), and the tests beside it accept no other difference.
 */
export interface Difference {
  /** The first column: what it is about. */
  readonly what: string;
  /** How the official package does it. */
  readonly theirs: string;
  /** How this package does it. */
  readonly ours: string;
  /** The rows of the type test (`rows.ts`) that do not compile because of it. */
  readonly rows?: readonly string[];
}

export const DIFFERENCES = {
  connectResolves: {
    what: '`connect()`',
    theirs: 'resolves when the greeting has been sent',
    ours: 'resolves when the service has accepted it; stays pending while it retries; rejects on a refusal that retrying cannot change, after the last attempt, on abort, and on `disconnect()`',
  },
  connectUnawaited: {
    what: 'a `connect()` that nobody awaits',
    theirs: 'an unhandled rejection when it fails',
    ours: 'safe: the error also reaches `onError`, or the console when nobody listens',
  },
  disconnect: {
    what: '`disconnect()`',
    theirs: 'returns at once, and the client cannot be used again',
    ours: 'returns a promise: running handlers finish, acknowledgements go out, then the socket closes; `onDisconnect` is not told of it; `connect()` begins anew',
  },
  reconnectAtOnce: {
    what: '`reconnectInterval: 0`',
    theirs: 'every attempt follows at once',
    ours: 'the first one does; the next ones wait as by default',
  },
  givenUpTold: {
    what: 'a loss after which nothing is tried any more (`reconnect: false`, `maxReconnectAttempts`)',
    theirs: 'is told to `onDisconnect`',
    ours: 'is told to `onError` as well, and `realtime.closed` rejects',
  },
  ownEchoes: {
    what: 'your own messages, echoed',
    theirs: 'handed to your handlers',
    ours: 'not, unless you set `deliverOwn`',
  },
  firstOfConversation: {
    what: 'the first message of a conversation, when its `seq` is not 1',
    theirs: 'is handed on at once',
    ours: 'waits until history has said what came before it: usually one request, 5 to 15 s where history is silent or empty, as a mock may be',
  },
  handlerErrors: {
    what: 'what `onError` gets of a handler that fails',
    theirs: 'what the handler threw',
    ours: 'a `HandlerError` whose `cause` it is',
  },
  brokenFrames: {
    what: 'a pushed message without `sender`, `conversation_id` or `id`',
    theirs: 'is handed to your handlers',
    ours: 'is told to `onError` as a `ProtocolError`',
  },
  brokenAnswers: {
    what: 'an answer without what the client needs of it: `{}` for a list, a sent message without `id`',
    theirs: 'is returned as it is',
    ours: 'is a `ProtocolError`; what only you need may be missing',
  },
  optionsChecked: {
    what: 'options that cannot work: an unknown name, a `client` without `getMessages`, a second `apiKey` that differs',
    theirs: 'are ignored',
    ours: 'throw a `ValidationError` that names them',
  },
  handledOnce: {
    what: 'a message that comes again while its handler is at work',
    theirs: 'is handed to your handlers again',
    ours: 'is not',
  },
  oneAtATime: {
    what: 'handlers of one conversation',
    theirs: 'may overlap when they are async',
    ours: 'one after the other',
  },
  handlersRetried: {
    what: 'a handler that fails',
    theirs: 'is called again when the message is drained after a reconnect',
    ours: 'is called again after a pause, three times; then the message is set aside and fetched again later',
  },
  gapsFilled: {
    what: 'missing messages',
    theirs: 'are asked for once; later ones are delivered then, found or not',
    ours: 'are asked for until they are there, known not to exist, or given up by name (`gap.missing`)',
    rows: ['take SequenceGapInfo'],
  },
  drainCounts: {
    what: '`drainOfflineEnvelopes()`',
    theirs: 'resolves to nothing',
    ours: 'resolves to the number of messages that it found',
    rows: ['call RealtimeClient#drainOfflineEnvelopes'],
  },
  typingUnsent: {
    what: '`sendTypingStart()` and `sendTypingStop()` while not connected',
    theirs: 'throw a `ConnectionError`',
    ours: 'do nothing',
  },
  requestsChecked: {
    what: 'a request that cannot be right',
    theirs: 'is sent, and refused by the service',
    ours: 'throws a `ValidationError` before it is sent, with `outcome` `not_sent`',
  },
  handlesBare: {
    what: 'handles in the body of a request, such as `@Alice`',
    theirs: 'go out as they are written',
    ours: 'go out as `alice`, as they do in a path',
  },
  errorTexts: {
    what: 'the message of an error',
    theirs: 'what the service says',
    ours: 'what the service says, and what to do about it; of an answer that is not from the service, what it was',
  },
  getAgentKeyless: {
    what: '`getAgent()`',
    theirs: 'sends your key',
    ours: 'does not: profiles are public',
  },
  clientHeader: {
    what: '`X-AgentChat-Client`',
    theirs: '`typescript_sdk` unless `clientIdentity` is given',
    ours: 'not sent unless `clientIdentity` is given; the same goes for `client` in the greeting of the socket',
  },
  hooksNotAwaited: {
    what: 'hooks that return a promise',
    theirs: 'are awaited before the call goes on',
    ours: 'are not: what they throw or reject with is logged',
  },
  redirects: {
    what: 'a redirect',
    theirs: 'is followed by default',
    ours: 'is refused unless `followRedirect` is set; then five steps at most, and the key never leaves its origin',
  },
  retryAfterKept: {
    what: '`Retry-After`',
    theirs: 'is capped at 8 s',
    ours: 'is never undercut; a longer one fails at once with `retryAfterMs`',
  },
  bareHex: {
    what: 'a webhook signature without a time (bare hex)',
    theirs: 'is accepted',
    ours: 'is refused, unless you set `allowUntimestamped`',
  },
  webhookTypes: {
    what: 'the type of a webhook (`WebhookPayload`)',
    theirs: '`data` is a record, whatever the event',
    ours: 'comparing `event` tells the type of `data`; one that you make up for a test needs the fields of its event, or a cast',
    rows: ['take WebhookPayload'],
  },
  webhookReasons: {
    what: '`WebhookVerificationError`',
    theirs: 'has five reasons',
    ours: 'has five more for what is wrong in your own setup, such as `missing_secret`',
    rows: ['give WebhookVerificationError'],
  },
  namesGrow: {
    what: 'the type of the names of webhook events',
    theirs: 'a closed union',
    ours: 'an open one: an exhaustive `switch` needs a `default`',
    rows: [
      'give WebhookEvent',
      'give WebhookConfig',
      'give WebhookPayload',
      'give WsMessage',
      'give ErrorCode',
      'give ApiError',
      'take MessageHandler',
      'call RealtimeClient#on',
      'call AgentChatClient#createWebhook',
      'call AgentChatClient#listWebhooks',
      'call AgentChatClient#getWebhook',
      'call verifyWebhook',
    ],
  },
  renderedText: {
    what: '`renderMessageContext()`',
    theirs: 'names as they were chosen; text only',
    ours: 'another wording: names in one line each, attachments and data too',
  },
} as const satisfies Readonly<Record<string, Difference>>;

export type DifferenceName = keyof typeof DIFFERENCES;

/** The table of the README. */
export function differencesTable(): string {
  const differences: readonly Difference[] = Object.values(DIFFERENCES);
  const rows = differences.map(({ what, theirs, ours }) => `| ${what} | ${theirs} | ${ours} |\n`);
  return `| | official 1.0 | here |\n|---|---|---|\n${rows.join('')}`;
}

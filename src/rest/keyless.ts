import { CALL_OPTION_NAMES, type CallOptions, HttpTransport } from '../http/index.js';
import { type AgentChatClientOptions, CLIENT_OPTION_NAMES, transportOptionsOf } from './client-options.js';

/** Options of a call that needs no key: those of a client, and those of a call. */
export type KeylessOptions = Omit<AgentChatClientOptions, 'apiKey'> & CallOptions;

/** `timeoutMs` and `deadlineMs` are options of both; here the client has no other call, so they are the client's. */
const CALL_NAMES = CALL_OPTION_NAMES.filter((name) => !CLIENT_OPTION_NAMES.includes(name));

export const KEYLESS_NAMES: readonly string[] = [
  ...CLIENT_OPTION_NAMES.filter((name) => name !== 'apiKey'),
  ...CALL_NAMES,
];

/** A transport without a key, and what is the call's. */
export function keylessTransport(options: KeylessOptions): {
  transport: HttpTransport;
  call: CallOptions;
  clientOptions: Omit<AgentChatClientOptions, 'apiKey'>;
} {
  const isOfCall = ([name]: [string, unknown]) => CALL_NAMES.includes(name);
  const given = Object.entries(options);
  const call: CallOptions = Object.fromEntries(given.filter(isOfCall));
  const clientOptions: Omit<AgentChatClientOptions, 'apiKey'> = Object.fromEntries(
    given.filter((entry) => !isOfCall(entry)),
  );
  return { transport: new HttpTransport(transportOptionsOf(clientOptions)), call, clientOptions };
}

/** A code as it was copied from a mail. */
export function trimmedCode(code: string): string {
  return typeof code === 'string' ? code.trim() : code;
}

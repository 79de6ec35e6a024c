import type { Counters } from 'agentchat-client';

/** How callbacks misbehave. */
export const WAYS = [
  'throw',
  'reject',
  'throw an object without a prototype',
  'reject with an object without a prototype',
  'throw nothing',
  'throw a revoked proxy',
  'return a thenable whose "then" throws',
] as const;
export type Way = (typeof WAYS)[number];

/** The callbacks that there are. */
export const KINDS = [
  'onError',
  'onConnect',
  'onDisconnect',
  'onStateChange',
  'onSequenceGap',
  'on(message.new)',
  'on(message.read)',
  'on(typing.start)',
  'onDeadLetter',
  'apiKey of RealtimeClient',
  'apiKey of AgentChatClient',
  'store.load',
  'store.save',
  'onRequest',
  'onResponse',
  'hooks.onError',
  'onRetry',
  'onSent',
] as const;
export type Kind = (typeof KINDS)[number];

export interface HostileBotSetup {
  readonly baseUrl: string;
  readonly bots: readonly { readonly way: Way; readonly apiKey: string }[];
  /** A message with this text is never handled without a failure. */
  readonly cursed: string;
}

export type HostileBotTold =
  | { readonly kind: 'connected'; readonly way: Way }
  | { readonly kind: 'stopped'; readonly way: Way }
  /** An event other than a message came. */
  | { readonly kind: 'heard'; readonly way: Way; readonly type: 'message.read' | 'typing.start' }
  | { readonly kind: 'handled'; readonly way: Way; readonly conversation: string; readonly seq: number }
  | {
      readonly kind: 'report';
      readonly way: Way;
      readonly state: string;
      readonly counters: Counters;
      /** How often each callback was called and misbehaved. */
      readonly misbehaved: Readonly<Partial<Record<Kind, number>>>;
    }
  /** Rejections and exceptions that nobody caught. */
  | { readonly kind: 'escaped'; readonly what: string };

/** Misbehaves, by throwing or by what it returns. */
export function misbehaveBy(way: Way): unknown {
  const bare: unknown = Object.create(null);
  switch (way) {
    case 'throw':
      throw new Error('on purpose');
    case 'reject':
      return Promise.reject(new Error('on purpose'));
    case 'throw an object without a prototype':
      throw bare;
    case 'reject with an object without a prototype':
      return Promise.reject(bare);
    case 'throw nothing':
      throw undefined;
    case 'throw a revoked proxy': {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      throw proxy;
    }
    case 'return a thenable whose "then" throws':
      return {
        // biome-ignore lint/suspicious/noThenProperty: this is what misbehaves.
        then() {
          throw new Error('on purpose');
        },
      };
  }
}

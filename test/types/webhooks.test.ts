import { expectTypeOf } from 'expect-type';
import { describe, expect, it } from 'vitest';
import * as edge from '../../src/webhooks/edge.js';
import * as webhooks from '../../src/webhooks/index.js';
import type {
  DeletedGroupInfo,
  Extensible,
  GroupInvitation,
  Message,
  MessageReadEvent,
  PresenceBroadcast,
  WebhookEvent,
} from '../../src/wire/index.js';

describe('a verified webhook', () => {
  it('has the data of its event, once the event is known', () => {
    type Told<Event> = Extract<webhooks.WebhookPayload, { event: Event }>['data'];
    expectTypeOf<Told<'message.new'>>().toEqualTypeOf<Extensible<Message>>();
    expectTypeOf<Told<'message.read'>>().toEqualTypeOf<Extensible<MessageReadEvent>>();
    expectTypeOf<Told<'presence.update'>>().toEqualTypeOf<Extensible<PresenceBroadcast>>();
    expectTypeOf<Told<'contact.blocked'>>().toEqualTypeOf<Record<string, unknown>>();
    expectTypeOf<Told<'group.invite.received'>>().toEqualTypeOf<Extensible<GroupInvitation>>();
    expectTypeOf<Told<'group.deleted'>>().toEqualTypeOf<Extensible<DeletedGroupInfo>>();
  });

  it('is narrowed by a comparison of its event', () => {
    (hook: webhooks.WebhookPayload) => {
      if (hook.event === 'message.new') {
        expectTypeOf(hook.data).toEqualTypeOf<Extensible<Message>>();
        expectTypeOf(hook.data.sender).toEqualTypeOf<string>();
      } else {
        expectTypeOf(hook.event).not.toEqualTypeOf<'message.new'>();
      }
    };
  });

  it('is narrowed by a switch over all events, past which only unknown ones are left', () => {
    (hook: webhooks.WebhookPayload) => {
      switch (hook.event) {
        case 'message.new':
          return expectTypeOf(hook.data).toEqualTypeOf<Extensible<Message>>();
        case 'message.read':
          return expectTypeOf(hook.data).toEqualTypeOf<Extensible<MessageReadEvent>>();
        case 'presence.update':
          return expectTypeOf(hook.data).toEqualTypeOf<Extensible<PresenceBroadcast>>();
        case 'contact.blocked':
          return expectTypeOf(hook.data).toEqualTypeOf<Record<string, unknown>>();
        case 'group.invite.received':
          return expectTypeOf(hook.data).toEqualTypeOf<Extensible<GroupInvitation>>();
        case 'group.deleted':
          return expectTypeOf(hook.data).toEqualTypeOf<Extensible<DeletedGroupInfo>>();
        default:
          expectTypeOf(hook).toEqualTypeOf<webhooks.UnknownWebhookPayload>();
          expectTypeOf(hook.event).toExtend<string>();
          return expectTypeOf(hook.data).toEqualTypeOf<Record<string, unknown>>();
      }
    };
  });

  it('can be asked, as text, for an event that is newer than these types', () => {
    (hook: webhooks.WebhookPayload) => {
      const event: string = hook.event;
      if (event === 'moon.rise') expectTypeOf(hook.data).toExtend<object>();
    };
  });

  it('has an event that is text, and a timestamp, whatever it is', () => {
    expectTypeOf<webhooks.WebhookPayload['event']>().toExtend<string>();
    expectTypeOf<webhooks.WebhookPayload['timestamp']>().toEqualTypeOf<string>();
  });

  it('knows the events that a webhook can be registered for', () => {
    type Spelled<Union> = Union extends string ? (string extends Union ? never : Union) : never;
    expectTypeOf<keyof webhooks.WebhookEventMap>().toEqualTypeOf<Spelled<WebhookEvent>>();
  });
});

describe('verifyWebhook', () => {
  type Given<Option extends keyof webhooks.VerifyWebhookOptions> = webhooks.VerifyWebhookOptions[Option];

  it('takes what frameworks have for body, header and secrets', () => {
    expectTypeOf<string | Buffer | Uint8Array | DataView | ArrayBuffer | SharedArrayBuffer>().toExtend<
      Given<'payload'>
    >();
    expectTypeOf<string | string[] | undefined | null | Headers>().toExtend<Given<'signature'>>();
    expectTypeOf<string | readonly string[]>().toEqualTypeOf<Given<'secret'>>();
  });

  it('takes no parsed body, no plain object of headers and no missing secret', () => {
    expectTypeOf<{ event: string }>().not.toExtend<Given<'payload'>>();
    expectTypeOf<unknown>().not.toExtend<Given<'payload'>>();
    expectTypeOf<Record<string, string>>().not.toExtend<Given<'signature'>>();
    expectTypeOf<string | undefined>().not.toExtend<Given<'secret'>>();
  });

  it('returns the event: at once, or as a promise', () => {
    expectTypeOf(webhooks.verifyWebhook).returns.resolves.toEqualTypeOf<webhooks.WebhookPayload>();
    expectTypeOf(webhooks.verifyWebhookSync).returns.toEqualTypeOf<webhooks.WebhookPayload>();
    expectTypeOf(webhooks.identifyWebhook).returns.resolves.toEqualTypeOf<webhooks.VerifiedWebhook>();
  });

  it('fails with a reason that can be told apart', () => {
    expectTypeOf<webhooks.WebhookVerificationError['reason']>().toEqualTypeOf<
      webhooks.WebhookRefusal | webhooks.WebhookMisuse
    >();
    expectTypeOf<webhooks.WebhookRefusal>().toEqualTypeOf<
      'missing_signature' | 'malformed_signature' | 'timestamp_skew' | 'bad_signature' | 'malformed_payload'
    >();
  });
});

describe('the door for browsers and workers', () => {
  it('has the names of the other, and their types', () => {
    expect(Object.keys(edge).sort()).toEqual(Object.keys(webhooks).sort());
    expectTypeOf<typeof edge>().toEqualTypeOf<typeof webhooks>();
  });
});

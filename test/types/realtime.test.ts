import { expectTypeOf } from 'expect-type';
import { describe, it } from 'vitest';
import type { HttpTransportOptions } from '../../src/http/index.js';
import type {
  EventContext,
  EventHandler,
  MessageEvent,
  RealtimeClient,
  RealtimeEvent,
  RealtimeOptions,
} from '../../src/index.js';
import type * as wire from '../../src/wire/index.js';

/** Never called: the compiler alone reads it. */
function listen(realtime: RealtimeClient, anyType: string): void {
  realtime.on('message.new', (event, context) => {
    expectTypeOf(event).toEqualTypeOf<MessageEvent>();
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.Message>>();
    expectTypeOf(event.payload.seq).toEqualTypeOf<number>();
    expectTypeOf(event.payload.a_field_of_tomorrow).toEqualTypeOf<unknown>();
    expectTypeOf(event.payload.content.text).toEqualTypeOf<string | undefined>();
    expectTypeOf(context).toEqualTypeOf<EventContext>();
  });
  realtime.on('message.read', ({ type, payload }) => {
    expectTypeOf(type).toEqualTypeOf<'message.read'>();
    expectTypeOf(payload).toEqualTypeOf<wire.Extensible<wire.MessageReadEvent>>();
    expectTypeOf(payload.through_seq).toEqualTypeOf<number>();
  });
  realtime.on('presence.update', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.PresenceBroadcast>>();
  });
  realtime.on('typing.start', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.TypingEvent>>();
  });
  realtime.on('typing.stop', async (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.TypingEvent>>();
  });
  realtime.on('rate_limit.warning', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.RateLimitWarning>>();
    expectTypeOf(event.payload.remaining).toEqualTypeOf<number | undefined>();
  });
  realtime.on('group.invite.received', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.GroupInvitation>>();
  });
  realtime.on('group.deleted', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.DeletedGroupInfo>>();
  });
  realtime.on('agent.paused', (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'agent.paused'>();
    expectTypeOf(event.payload).toEqualTypeOf<Record<string, unknown>>();
    expectTypeOf(event.id).toEqualTypeOf<string | undefined>();
  });
  realtime.on(anyType, (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<Record<string, unknown>>();
  });
  // @ts-expect-error a field that the event may have tomorrow has to be looked at first
  realtime.on('typing.start', (event) => event.payload.reader.length);
  // @ts-expect-error so has any field of an unknown event
  realtime.on('agent.paused', (event) => event.payload.by.length);
}

describe('on(type, handler)', () => {
  it('types the event by its name, for every event of the contract', () => {
    expectTypeOf(listen).toBeFunction();
    expectTypeOf<RealtimeEvent<wire.ServerEvent>['payload']>().toExtend<
      wire.ServerEventMap[wire.ServerEvent] & Record<string, unknown>
    >();
  });

  it('takes a handler that was typed on its own', () => {
    expectTypeOf<EventHandler<'group.deleted'>>().parameter(0).toExtend<{ payload: wire.DeletedGroupInfo }>();
    expectTypeOf<ReturnType<RealtimeClient['on']>>().toEqualTypeOf<() => void>();
  });

  it('completes the names that there are, and takes any other', () => {
    type Names = Parameters<RealtimeClient['on']>[0];
    expectTypeOf<wire.ServerEvent>().toExtend<Names>();
    expectTypeOf<string>().toExtend<Names>();
  });
});

describe('onWireMismatch', () => {
  it('is one function for the REST client and for the realtime client', () => {
    expectTypeOf<RealtimeOptions['onWireMismatch']>().toEqualTypeOf<HttpTransportOptions['onWireMismatch']>();
    expectTypeOf<RealtimeOptions['validate']>().toEqualTypeOf<HttpTransportOptions['validate']>();
  });
});

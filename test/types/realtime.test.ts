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
    expectTypeOf(event.payload).toEqualTypeOf<wire.Message>();
    expectTypeOf(event.payload.content.text).toEqualTypeOf<string | undefined>();
    expectTypeOf(context).toEqualTypeOf<EventContext>();
  });
  realtime.on('message.read', ({ type, payload }) => {
    expectTypeOf(type).toEqualTypeOf<'message.read'>();
    expectTypeOf(payload).toEqualTypeOf<wire.MessageReadEvent>();
    expectTypeOf(payload.through_seq).toEqualTypeOf<number>();
  });
  realtime.on('presence.update', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.PresenceBroadcast>();
  });
  realtime.on('typing.start', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.TypingEvent>();
  });
  realtime.on('typing.stop', async (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.TypingEvent>();
  });
  realtime.on('rate_limit.warning', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.RateLimitWarning>();
    expectTypeOf(event.payload.remaining).toEqualTypeOf<number | undefined>();
  });
  realtime.on('group.invite.received', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.GroupInvitation>();
  });
  realtime.on('group.deleted', (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<wire.DeletedGroupInfo>();
  });
  realtime.on('agent.paused', (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'agent.paused'>();
    expectTypeOf(event.payload).toEqualTypeOf<unknown>();
  });
  realtime.on(anyType, (event) => {
    expectTypeOf(event.payload).toEqualTypeOf<unknown>();
  });
  // @ts-expect-error a field that the event does not have
  realtime.on('typing.start', (event) => event.payload.reader);
  // @ts-expect-error the payload of an unknown event has to be looked at first
  realtime.on('agent.paused', (event) => event.payload.by);
}

describe('on(type, handler)', () => {
  it('types the event by its name, for every event of the contract', () => {
    expectTypeOf(listen).toBeFunction();
    expectTypeOf<RealtimeEvent<wire.ServerEvent>['payload']>().toEqualTypeOf<
      wire.ServerEventMap[wire.ServerEvent]
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

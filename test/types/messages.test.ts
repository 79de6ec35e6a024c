import { expectTypeOf } from 'expect-type';
import { describe, expect, it } from 'vitest';
import type { EventContext, MessageEvent, MessageIterator, RealtimeClient } from '../../src/index.js';
import type * as wire from '../../src/wire/index.js';

/** Never called: the compiler alone reads it. */
async function loop(realtime: RealtimeClient, signal: AbortSignal): Promise<void> {
  for await (const event of realtime.messages({ signal })) {
    expectTypeOf(event.payload).toEqualTypeOf<wire.Extensible<wire.Message>>();
    expectTypeOf(event.context).toEqualTypeOf<EventContext>();
    expectTypeOf(event.ack).toEqualTypeOf<() => void>();
    expectTypeOf(event).toExtend<MessageEvent>();
  }
  const first = await realtime.messages().next();
  if (first.done) expectTypeOf(first.value).toEqualTypeOf<undefined>();
  else expectTypeOf(first.value.payload.seq).toEqualTypeOf<number>();
  // @ts-expect-error the option is called `signal`
  realtime.messages({ sgnal: signal });
}

describe('the types of messages()', () => {
  it('are those of an async iterator, so that whatever takes one takes it', () => {
    expectTypeOf(loop).toBeFunction();
    expectTypeOf<MessageIterator>().toExtend<AsyncIterableIterator<MessageEvent>>();
    expectTypeOf<MessageIterator>().toExtend<AsyncDisposable>();
    expect(loop).toBeTypeOf('function');
  });
});

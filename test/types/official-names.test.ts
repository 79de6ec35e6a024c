import { expectTypeOf } from 'expect-type';
import { describe, it } from 'vitest';
import type * as ours from '../../src/index.js';

/** Never called: the compiler alone reads it. What a user of the official package has in variables, handed to us. */
function handOver(realtime: ours.RealtimeClient): ours.RealtimeOptions & ours.AgentChatClientOptions {
  const onError: ours.ErrorHandler = (error) => expectTypeOf(error).toEqualTypeOf<Error>();
  const onConnect: ours.ConnectHandler = () => {};
  const onDisconnect: ours.DisconnectHandler = ({ code, reason, wasClean }) => {
    expectTypeOf({ code, reason, wasClean }).toEqualTypeOf<{
      code: number;
      reason: string;
      wasClean: boolean;
    }>();
  };
  const onSequenceGap: ours.SequenceGapHandler = ({ recovered }) =>
    expectTypeOf(recovered).toEqualTypeOf<boolean>();
  const onBacklogWarning: ours.BacklogWarningHandler = ({ undeliveredCount }) =>
    expectTypeOf(undeliveredCount).toEqualTypeOf<number>();
  const clientIdentity: ours.AgentChatClientIdentity = { name: 'mcp', version: '1' };
  realtime.onError(onError);
  realtime.onConnect(onConnect);
  realtime.onDisconnect(onDisconnect);
  return { onSequenceGap, onBacklogWarning, clientIdentity };
}

describe('the types that the official package names', () => {
  it('fit where they are used', () => {
    expectTypeOf(handOver).toBeFunction();
    expectTypeOf<ours.MessageHandler>().toEqualTypeOf<(message: ours.WsMessage) => void | Promise<void>>();
    expectTypeOf<'typescript_sdk'>().toExtend<ours.AgentChatClientKind>();
    expectTypeOf<ours.RecoverResult>().toEqualTypeOf<
      Awaited<ReturnType<typeof ours.AgentChatClient.recover>>
    >();
  });
});

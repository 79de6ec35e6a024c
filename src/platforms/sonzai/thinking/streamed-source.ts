import type { ThoughtSource } from '../../shared/respondent.js';
import type { ChatStream } from '../chat/chat-stream.js';
import { Growth } from './growth.js';
import { PhaseTools } from './phase-tools.js';
import {
  type Ask,
  doneOf,
  fieldsOf,
  type SourceParts,
  STREAM_CAPABILITIES,
  type Thought,
} from './thoughts.js';

/** An agent of Sonzai that thinks in one stream. */
export class StreamedSource implements ThoughtSource {
  readonly platform = 'sonzai';
  readonly capabilities = STREAM_CAPABILITIES;
  readonly #parts: SourceParts;

  constructor(parts: SourceParts) {
    this.#parts = parts;
  }

  async *think(input: string, ask: Ask): AsyncGenerator<Thought, void, undefined> {
    const { client, agentId, chat } = this.#parts;
    const fields = { ...fieldsOf(input, ask, chat), stream: true } as const;
    const stream = client.agents.chat(agentId, fields, { signal: ask.signal });
    yield* thoughtsOf(stream);
    const { content, session_id, usage, external_tool_calls, completion } = stream.reply;
    yield doneOf({
      text: content,
      remoteId: session_id,
      usage,
      tokens: usage?.total_tokens,
      externalToolCalls: external_tool_calls,
      raw: completion,
    });
  }
}

async function* thoughtsOf(stream: ChatStream): AsyncGenerator<Thought, void, undefined> {
  const tools = new PhaseTools();
  let message = new Growth();
  let said = '';
  for await (const event of stream) {
    switch (event.kind) {
      case 'phase':
        yield* tools.enter(event.phase, event.tool);
        break;
      case 'message_boundary':
        message = new Growth();
        said = '';
        break;
      case 'delta': {
        said = event.replacement === true ? event.content : said + event.content;
        const text = message.take(said);
        if (text === '') break;
        yield* tools.leave();
        const { messageIndex } = stream;
        yield messageIndex === 0 ? { type: 'token', text } : { type: 'token', text, messageIndex };
        break;
      }
    }
  }
  yield* tools.leave();
}

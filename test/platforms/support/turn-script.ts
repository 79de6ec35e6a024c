import type { ServerResponse } from 'node:http';

/** What a stand-in does next while it replies. */
export type Act =
  | { readonly do: 'say'; readonly text: string }
  /** A frame that nobody knows. */
  | { readonly do: 'unknown' }
  | { readonly do: 'wait'; readonly until: Promise<unknown> }
  /** The reply is complete; `text` is the whole of it, where the platform repeats it. */
  | { readonly do: 'finish'; readonly text: string }
  /** The platform says that it failed. */
  | { readonly do: 'fail'; readonly message: string }
  /** The body ends, without a word. */
  | { readonly do: 'end' }
  /** The connection breaks. */
  | { readonly do: 'cut' };

/** What becomes of a request for a reply. */
export type TurnScript =
  | { readonly refuse: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | readonly Act[];

/** How a platform writes what happens; each text is written as it is. */
export interface FrameWriter {
  say(text: string): string;
  unknown(): string;
  finish(text: string): string;
  fail(message: string): string;
}

/** Decides what becomes of a reply that has these pieces. */
export type TurnPlan = (...pieces: readonly string[]) => TurnScript;

/** A reply that is said in pieces and then complete. */
export function replies(...pieces: readonly string[]): TurnScript {
  const said = pieces.map((text) => ({ do: 'say', text }) as const);
  return [...said, { do: 'finish', text: pieces.join('') }];
}

/** Plays a turn. The head is sent at once, also where nothing follows. */
export async function playTurn(
  script: TurnScript,
  response: ServerResponse,
  writer: FrameWriter,
): Promise<void> {
  if ('refuse' in script) {
    const headers = { 'content-type': 'application/json', ...script.headers };
    response.writeHead(script.refuse, headers).end(JSON.stringify(script.body ?? { detail: 'no' }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  for (const act of script) {
    if (response.destroyed) return;
    if (act.do === 'say') response.write(writer.say(act.text));
    else if (act.do === 'unknown') response.write(writer.unknown());
    else if (act.do === 'fail') response.end(writer.fail(act.message));
    else if (act.do === 'finish') response.end(writer.finish(act.text));
    else if (act.do === 'end') response.end();
    else if (act.do === 'wait') await act.until;
    else {
      // What was written before gets there first.
      await new Promise((resolve) => setImmediate(resolve));
      response.destroy();
    }
  }
}

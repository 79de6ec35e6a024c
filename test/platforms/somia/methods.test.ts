import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import {
  type EventStream,
  SomiaClient,
  type SomiaEvent,
  type SomiaResult,
  type SomiaSessions,
} from '../../../src/platforms/somia/index.js';
import { httpServer, type RawServer } from '../../http/raw-server.js';
import { all } from '../support/all.js';

/** What the contract says of a call: what is called, what travels, what comes back, and what is made of it. */
interface Row {
  readonly name: string;
  readonly call: (client: SomiaClient) => AsyncIterable<SomiaEvent> | Promise<unknown>;
  readonly path: string;
  readonly body: unknown;
  readonly answer: unknown;
  readonly result: unknown;
}

const KEY = 'somia_123456';
const ANSWER = {
  ...{ session_id: 'a-1', message: 'Hello', history: [{ role: 'user' }], pending: false, finished: true },
  run: { kept: true },
};
/** Every field that a call takes, as it travels. */
const ALL = {
  pipeline_version: 'v3',
  trace_enabled: true,
  test: false,
  tags: ['a', 'b'],
  environment: 'staging',
  end_user_id: 'alice',
  metadata: { order: 5 },
};
const EVENTS = [
  { type: 'chunk', data: 'Hel', text: 'Hel' },
  { type: 'chunk', data: 'lo', text: 'lo' },
  { type: 'end', data: { session_id: 'a-1' }, message: null, finished: false },
];
const STREAM =
  'event: chunk\ndata: "Hel"\n\nevent: chunk\ndata: lo\n\nevent: end\ndata: {"session_id":"a-1"}\n\n';
/** The events of a session that is known from the start, or from its end. */
const eventsOf = (known: string | null) =>
  EVENTS.map((event) => ({ ...event, session_id: event.type === 'end' ? 'a-1' : known }));

const ROWS: readonly Row[] = [
  {
    name: 'createSession, without input',
    call: ({ sessions }) => sessions.createSession(7),
    path: '/agent/7/session',
    body: { pipeline_version: 'production', stream: false },
    answer: { session_id: 'a-1', message: null },
    result: { session_id: 'a-1', message: null },
  },
  {
    name: 'createSession, with everything',
    call: ({ sessions }) =>
      sessions.createSession('7', { input_data: { query: 'hi' }, stream: false, ...ALL }),
    path: '/agent/7/session',
    body: { ...ALL, input_data: { query: 'hi' }, stream: false },
    answer: ANSWER,
    result: ANSWER,
  },
  {
    name: 'createSession, streamed',
    call: ({ sessions }) => sessions.createSession(7, { input_data: 'hi', stream: true }),
    path: '/agent/7/session',
    body: { pipeline_version: 'production', input_data: 'hi', stream: true },
    answer: STREAM,
    result: eventsOf(null),
  },
  {
    name: 'interactSession',
    call: ({ sessions }) => sessions.interactSession(7, 'a/1', { input_data: 'hi', tags: undefined }),
    path: '/agent/7/session/a%2F1',
    body: { input_data: 'hi', stream: false },
    answer: { ...ANSWER, session_id: 12, message: { content: 'Hello' } },
    result: { ...ANSWER, session_id: '12' },
  },
  {
    name: 'interactSession, with everything',
    call: ({ sessions }) => sessions.interactSession(7, 'a-1', { input_data: { query: 'hi' }, ...ALL }),
    path: '/agent/7/session/a-1',
    body: { ...ALL, input_data: { query: 'hi' }, stream: false },
    answer: { message: { text: 'Hello' } },
    result: { session_id: 'a-1', message: 'Hello' },
  },
  {
    name: 'interactSession, streamed',
    call: ({ sessions }) => sessions.interactSession(7, 'b-2', { input_data: 'hi', stream: true, ...ALL }),
    path: '/agent/7/session/b-2',
    body: { ...ALL, input_data: 'hi', stream: true },
    answer: STREAM,
    result: eventsOf('b-2'),
  },
  {
    name: 'run, in a new session',
    call: ({ sessions }) => sessions.run(7, { input_data: 'hi' }),
    path: '/agent/7/session',
    body: { pipeline_version: 'production', input_data: 'hi', stream: false },
    answer: ANSWER,
    result: ANSWER,
  },
  {
    name: 'run, in a session',
    call: ({ sessions }) => sessions.run(7, { input_data: 'hi', session_id: 'a-1' }),
    path: '/agent/7/session/a-1',
    body: { input_data: 'hi', stream: false },
    answer: ANSWER,
    result: ANSWER,
  },
  {
    name: 'run, streamed in a new session',
    call: ({ sessions }) => sessions.run(7, { input_data: 'hi', stream: true, session_id: undefined }),
    path: '/agent/7/session',
    body: { pipeline_version: 'production', input_data: 'hi', stream: true },
    answer: STREAM,
    result: eventsOf(null),
  },
  {
    name: 'run, streamed in a session',
    call: ({ sessions }) => sessions.run(7, { input_data: 'hi', stream: true, session_id: 'a-1' }),
    path: '/agent/7/session/a-1',
    body: { input_data: 'hi', stream: true },
    answer: STREAM,
    result: eventsOf('a-1'),
  },
  {
    name: 'extraBody, which wins and takes out',
    call: ({ sessions }) =>
      sessions.interactSession(7, 'a-1', {
        input_data: 'hi',
        test: true,
        extraBody: { query: 'hi', test: 1, input_data: undefined, caller_run_id: 'r' },
      }),
    path: '/agent/7/session/a-1',
    body: { query: 'hi', test: 1, stream: false, caller_run_id: 'r' },
    answer: ANSWER,
    result: ANSWER,
  },
];

describe('the methods of Somia', () => {
  let server: RawServer;
  let row: Row;
  let got: { sent: string; body: unknown; accept: string | undefined; key: unknown };
  beforeAll(async () => {
    server = await httpServer(({ method, url, headers }, response, _nth, body) => {
      const { accept } = headers;
      got = {
        sent: `${method} ${url}`,
        body: JSON.parse(body.toString()),
        accept,
        key: headers['x-api-key'],
      };
      const isStream = typeof row.answer === 'string';
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
      response.end(isStream ? row.answer : JSON.stringify(row.answer));
    });
  });
  afterAll(() => server.close());

  it.each(ROWS.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    row = each;
    const client = new SomiaClient({ apiKey: KEY, baseUrl: server.url });
    const called = each.call(client);
    expect(called instanceof Promise).toBe(typeof each.answer !== 'string');
    const result = called instanceof Promise ? await called : await all(called);
    expect(result).toEqual(each.result);
    const accept = typeof each.answer === 'string' ? 'text/event-stream' : 'application/json';
    expect(got).toEqual({ sent: `POST /api/v1/external${each.path}`, body: each.body, accept, key: KEY });
  });

  it.each([
    ['', '/api/v1/external'],
    ['/', '/api/v1/external'],
    ['/api', '/api/v1/external'],
    ['/api/', '/api/v1/external'],
    ['/tenant', '/tenant/api/v1/external'],
    ['/tenant/api', '/tenant/api/v1/external'],
    ['/my-api', '/my-api/api/v1/external'],
  ])('go where the base URL says: "%s"', async (path, prefix) => {
    row = ROWS[0] as Row;
    const client = new SomiaClient({ apiKey: KEY, baseUrl: `${server.url}${path}` });
    await client.sessions.createSession(7);
    expect(got.sent).toBe(`POST ${prefix}/agent/7/session`);
  });

  it('return what `stream` says', () => {
    const hi = { input_data: 'hi' };
    // Types alone: none of it is called.
    const calls = ({ createSession, interactSession, run }: SomiaSessions) => {
      expectTypeOf(createSession(7)).toEqualTypeOf<Promise<SomiaResult>>();
      expectTypeOf(createSession(7, { stream: true })).toEqualTypeOf<EventStream<SomiaEvent>>();
      expectTypeOf(interactSession(7, 's', hi)).toEqualTypeOf<Promise<SomiaResult>>();
      expectTypeOf(interactSession(7, 's', { ...hi, stream: true })).toEqualTypeOf<EventStream<SomiaEvent>>();
      expectTypeOf(run(7, { ...hi, stream: false })).toEqualTypeOf<Promise<SomiaResult>>();
      expectTypeOf(run(7, { ...hi, stream: true })).toEqualTypeOf<EventStream<SomiaEvent>>();
      // @ts-expect-error Without input nothing is said.
      void interactSession(7, 's', {});
    };
    expect(calls).toBeDefined();
  });
});

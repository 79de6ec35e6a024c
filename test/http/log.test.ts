import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpTransport, type RequestHooks } from '../../src/http/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { json, refusal, type Step, scriptedFetch } from './fake-fetch.js';

const KEY = 'S3cr3t+opaque/key==';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

/** What is written down of a call that is repeated once, at a level. */
async function logged(level: string | undefined, steps: Step[], hooks: RequestHooks = {}): Promise<string[]> {
  const lines: string[] = [];
  vi.stubEnv('AGENTCHAT_LOG', level);
  vi.stubGlobal('console', { error: (line: string) => void lines.push(line) });
  const clock = new VirtualClock();
  const { fetch } = scriptedFetch(...steps);
  const transport = new HttpTransport({ apiKey: KEY, fetch, clock, hooks });
  let over = false;
  const call = transport.request('GET', '/v1/thing').catch(() => {});
  void call.finally(() => {
    over = true;
  });
  await clock.advanceUntil(() => over);
  return lines;
}

const REPEATED = [
  refusal(503, 'INTERNAL_ERROR', { 'x-request-id': 'req_1' }),
  json({ ok: true }, 200, { 'x-request-id': 'req_2' }),
];
const REFUSED = [
  json({ code: 'FORBIDDEN', message: `no\nway for ${KEY}` }, 403, { 'x-request-id': 'req_3' }),
];
const kinds = (lines: string[]) => lines.map((line) => /^agentchat-client (\w+): /.exec(line)?.[1]);

describe('AGENTCHAT_LOG', () => {
  it.each([
    [undefined, [], []],
    ['off', [], []],
    ['error', [], ['error']],
    ['warn', ['warn'], ['error']],
    ['INFO', ['info', 'warn', 'info'], ['info', 'error']],
    [' debug ', ['debug', 'info', 'warn', 'debug', 'info'], ['debug', 'info', 'error']],
  ])('%s', async (level, repeated, refused) => {
    expect(kinds(await logged(level, REPEATED))).toEqual(repeated);
    expect(kinds(await logged(level, REFUSED))).toEqual(refused);
  });

  it('says what happened, on one line each, without the key', async () => {
    const lines = [...(await logged('debug', REPEATED)), ...(await logged('debug', REFUSED))];
    expect(lines.join('\n')).not.toContain(KEY);
    expect(lines.filter((line) => /[\r\n]/.test(line))).toEqual([]);
    expect(lines[0]).toMatch(
      /^agentchat-client debug: GET https:\/\/api\.agentchat\.me\/v1\/thing \(attempt 1\) .*Bearer \*\*\*/,
    );
    expect(lines[2]).toMatch(/is repeated in \d+ ms/);
    expect(lines[4]).toContain('-> 200 in 0 ms (attempt 2, request req_2)');
    expect(lines.at(-1)).toMatch(
      /^agentchat-client error: GET \/v1\/thing failed \(FORBIDDEN, 403, req_3\): no way/,
    );
  });

  it.each([
    ['trace', ['debug', 'info', 'warn', 'debug', 'info']],
    ['warn', ['warn']],
    ['fatal', []],
    ['silent', []],
  ])('AGENTCHAT_LOG_LEVEL stands in for it: %s', async (level, repeated) => {
    vi.stubEnv('AGENTCHAT_LOG_LEVEL', level);
    expect(kinds(await logged(undefined, REPEATED))).toEqual(repeated);
    // Ours wins.
    expect(kinds(await logged('info', REPEATED))).toEqual(['info', 'warn', 'info']);
  });

  it('names the variable that is misspelt', async () => {
    vi.stubEnv('AGENTCHAT_LOG_LEVEL', 'loud');
    expect((await logged(undefined, REPEATED))[0]).toContain('AGENTCHAT_LOG_LEVEL must be one of');
  });

  it('that is misspelt is told, and changes nothing', async () => {
    expect(await logged('verbose', REPEATED)).toEqual([
      'agentchat-client error: AGENTCHAT_LOG must be one of off, error, warn, info, debug',
    ]);
  });

  it('is not disturbed by hooks, and a console that throws disturbs nothing', async () => {
    const vandal = (info: object) => void Object.assign(info, { url: 'changed', status: 1, attempt: 99 });
    const lines = await logged('info', REPEATED, { onResponse: vandal, onError: vandal, onRetry: vandal });
    expect(lines.join('\n')).not.toContain('changed');
    vi.stubGlobal('console', {
      error: () => {
        throw new Error('no console');
      },
    });
    const { fetch } = scriptedFetch(json({}));
    await new HttpTransport({ apiKey: KEY, fetch }).request('GET', '/v1/thing');
  });
});

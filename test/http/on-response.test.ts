import { describe, expect, it } from 'vitest';
import { type AnswerInfo, HttpTransport } from '../../src/http/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { json, networkFailure, refusal, type Step, scriptedFetch } from './fake-fetch.js';

function transport(...steps: Step[]) {
  const { fetch } = scriptedFetch(...steps);
  return new HttpTransport({ apiKey: 'ac_live_test_key', fetch, retry: { baseDelayMs: 1, maxDelayMs: 2 } });
}

async function told(...steps: Step[]): Promise<AnswerInfo[]> {
  const answers: AnswerInfo[] = [];
  const onResponse = (answer: AnswerInfo) => void answers.push(answer);
  await transport(...steps)
    .request('GET', '/v1/thing', { onResponse })
    .catch(() => {});
  return answers;
}

describe('onResponse of a call', () => {
  it('is told of the answer that decided it', async () => {
    const [answer, ...more] = await told(
      refusal(503, 'INTERNAL_ERROR', { 'x-request-id': 'req_1' }),
      json({}, 200, { 'x-request-id': 'req_2', 'x-limit': '60' }),
    );
    expect(answer).toMatchObject({ status: 200, requestId: 'req_2', attempts: 2 });
    expect(answer?.headers.get('x-limit')).toBe('60');
    expect(more).toEqual([]);
  });

  it('is told of a refusal as well', async () => {
    const [answer] = await told(refusal(404, 'NOT_FOUND', { 'x-request-id': 'req_3' }));
    expect(answer).toMatchObject({ status: 404, requestId: 'req_3', attempts: 1 });
  });

  it('is not told when no answer came, not even of one before', async () => {
    expect(await told(networkFailure())).toEqual([]);
    expect(await told(refusal(503, 'INTERNAL_ERROR'), networkFailure())).toEqual([]);
  });

  it('is told before the call settles, and may throw', async () => {
    const order: string[] = [];
    await transport(json({}))
      .request('GET', '/v1/thing', {
        onResponse: () => {
          order.push('told');
          throw new Error('ignored');
        },
      })
      .then(() => order.push('settled'));
    expect(order).toEqual(['told', 'settled']);
  });

  it('is an option of every method', async () => {
    const { fetch } = scriptedFetch(json({ handle: 'alice' }, 200, { 'x-request-id': 'req_4' }));
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    let requestId: string | null = null;
    await client.getMe({
      onResponse: (answer) => {
        requestId = answer.requestId;
      },
    });
    expect(requestId).toBe('req_4');
    await expect(client.getMe({ onResponse: 'x' as never })).rejects.toMatchObject({ field: 'onResponse' });
  });
});

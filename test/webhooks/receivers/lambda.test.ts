import { describe, expect, it } from 'vitest';
import {
  type LambdaEvent,
  type LambdaReceiverOptions,
  lambdaReceiver,
} from '../../../src/webhooks/lambda/index.js';
import { messageBody, SECRET, signatureOf } from './kit/request.js';

const body = messageBody('café');
const TYPE = { 'Content-Type': 'application/json' };
const onEvent = () => undefined;
const receive = (event: LambdaEvent, options: Partial<LambdaReceiverOptions> = {}) =>
  lambdaReceiver({ secret: SECRET, onEvent, onError: () => undefined, ...options })(event);

describe('the receiver in a Lambda', () => {
  it.each(['Agentchat-Signature', 'agentchat-signature', 'AGENTCHAT-SIGNATURE'])(
    'finds the header as %s',
    async (name) => {
      const headers = { ...TYPE, [name]: signatureOf(body) };
      expect((await receive({ httpMethod: 'POST', headers, body })).statusCode).toBe(200);
    },
  );

  it('prefers every value of a header to the last one', async () => {
    const event = {
      httpMethod: 'POST',
      headers: { ...TYPE, 'Agentchat-Signature': signatureOf(body, 0, 'whsec_other') },
      multiValueHeaders: {
        'Content-Type': ['application/json'],
        'Agentchat-Signature': [signatureOf(body), signatureOf(body, 0, 'whsec_other')],
      },
      body,
    };
    expect((await receive(event)).statusCode).toBe(200);
    const empty = { ...event.multiValueHeaders, 'Agentchat-Signature': [] };
    expect((await receive({ ...event, multiValueHeaders: empty })).statusCode).toBe(400);
  });

  it.each<[string, LambdaEvent, number]>([
    ['a test event of the console', {}, 405],
    ['a health check of a load balancer', { httpMethod: 'GET', headers: {}, body: '' }, 405],
    ['no headers at all', { httpMethod: 'POST', headers: null, multiValueHeaders: null, body: null }, 400],
    ['bytes that are not base64', { httpMethod: 'POST', body: '%%%', isBase64Encoded: true }, 400],
  ])('answers %s', async (_what, event, status) => {
    const answer = await receive(event);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.body)).toHaveProperty('code');
  });

  it('answers when the event is handled, whatever else is asked for', async () => {
    let handled = false;
    const options = {
      respond: 'at-once',
      async onEvent() {
        await new Promise((resolve) => setImmediate(resolve));
        handled = true;
      },
    };
    const headers = { ...TYPE, 'agentchat-signature': signatureOf(body) };
    const event = { requestContext: { http: { method: 'POST' } }, headers, body };
    expect((await receive(event, options)).statusCode).toBe(200);
    expect(handled).toBe(true);
  });

  it('bounds the bytes, in either form', async () => {
    const headers = { ...TYPE, 'agentchat-signature': signatureOf(body) };
    const length = Buffer.byteLength(body);
    const forms = [{ body }, { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }];
    for (const form of forms) {
      const event = { httpMethod: 'POST', headers, ...form };
      expect((await receive(event, { maxBodyBytes: length })).statusCode).toBe(200);
      expect((await receive(event, { maxBodyBytes: length - 1 })).statusCode).toBe(413);
    }
  });

  it('answers each event with headers of its own', async () => {
    const one = await receive({});
    one.headers['content-type'] = 'text/html';
    expect((await receive({})).headers['content-type']).toBe('application/json; charset=utf-8');
  });
});

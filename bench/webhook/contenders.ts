import { createHmac, timingSafeEqual } from 'node:crypto';
import { installed } from './competitors/installed.mjs';

// The built package, as users get it.
const built = (door: string) => new URL(`../../dist/${door}.js`, import.meta.url).href;
const ours = (await import(built('webhooks'))) as typeof import('../../src/webhooks/index.js');
const edge = (await import(built('webhooks-edge'))) as typeof import('../../src/webhooks/edge.js');

/**
 * Bytes, as a server has them; text that fits into one byte a character, as most of Europe's does; and text with an emoji in
 * it, which V8 keeps in two bytes a character throughout. Text is searched for halves of characters: that costs nothing
 * with the former and takes its time with the latter.
 */
export const KINDS = ['Buffer', 'string', 'string with an emoji'] as const;

/** One delivery, signed in the ways of all contenders. */
export interface Delivery {
  readonly payload: string | Buffer;
  /** `t=...,v1=<hex>`: ours, which is also Stripe's. */
  readonly header: string;
  /** The headers of Standard Webhooks, which are also Svix's. */
  readonly standard: Record<string, string>;
  readonly timestamp: string;
  readonly digest: Buffer;
}

export interface Contender {
  readonly name: string;
  /** The share of the limit that it must reach with 0.5, 4 and 64 KB. */
  readonly targets?: readonly [number, number, number];
  readonly verify: (delivery: Delivery) => unknown;
}

/** A key of 24 bytes, in the base64 that Standard Webhooks expects behind the prefix. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

/** A message of about so many bytes, with the characters that people write. */
export function delivery(bytes: number, kind: (typeof KINDS)[number], signedAt: number): Delivery {
  const sentence = 'The café on the corner opens at eight; tell Zoë, and bring the 3 reports. ';
  const empty = body('');
  const filled = sentence.repeat(bytes / sentence.length + 1).slice(0, bytes - empty.length);
  const text = body(kind === 'string with an emoji' ? `👍${filled.slice(2)}` : filled);
  const timestamp = String(signedAt);
  const hmac = (key: string | Buffer, message: string) => createHmac('sha256', key).update(message).digest();
  const digest = hmac(SECRET, `${timestamp}.${text}`);
  const standard = hmac(Buffer.from(SECRET.slice(6), 'base64'), `msg_1.${timestamp}.${text}`);
  return {
    payload: kind === 'Buffer' ? Buffer.from(text) : text,
    header: `t=${timestamp},v1=${digest.toString('hex')}`,
    standard: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${standard.toString('base64')}`,
    },
    timestamp,
    digest,
  };
}

function body(text: string): string {
  return JSON.stringify({
    event: 'message.new',
    timestamp: '2026-07-12T18:04:11.512Z',
    data: {
      id: 'msg_01JZX3V9K2',
      conversation_id: 'conv_01JZX3V9K2',
      sender: 'alice',
      client_msg_id: '5b0c9a52-6f5e-4df5-9ee6-0a2f1f0d3c11',
      seq: 4_211,
      type: 'text',
      content: { text },
      metadata: {},
      created_at: '2026-07-12T18:04:11.512Z',
    },
  });
}

/** What cannot be done without: the digest, the comparison, the parsing. Nothing is checked, the header not even read. */
export const limit: Contender = {
  name: 'the limit',
  verify({ payload, timestamp, digest }) {
    const computed = createHmac('sha256', SECRET).update(`${timestamp}.`).update(payload).digest();
    if (!timingSafeEqual(computed, digest)) throw new Error('The limit refused its own signature.');
    return JSON.parse(typeof payload === 'string' ? payload : payload.toString());
  },
};

const options = ({ payload, header }: Delivery) => ({ payload, signature: header, secret: SECRET });

const mine: Contender[] = [
  {
    name: 'verifyWebhookSync',
    targets: [0.85, 0.9, 0.9],
    verify: (delivery) => ours.verifyWebhookSync(options(delivery)),
  },
  {
    name: 'await verifyWebhook',
    targets: [0.8, 0.85, 0.9],
    verify: async (delivery) => ours.verifyWebhook(options(delivery)),
  },
  { name: '  with Web Crypto', verify: (delivery) => edge.verifyWebhook(options(delivery)) },
];

interface StripeWebhooks {
  constructEvent(payload: string | Buffer, header: string, secret: string): unknown;
  constructEventAsync(payload: string | Buffer, header: string, secret: string): Promise<unknown>;
}
type Standard = new (secret: string) => { verify(payload: string | Buffer, headers: unknown): unknown };
type Official = (options: {
  payload: string | Buffer;
  signature: string;
  secret: string;
}) => Promise<unknown>;

/** Those of the others that are installed. */
async function others(): Promise<Contender[]> {
  const found: Contender[] = [];
  const stripe = await installed('stripe');
  if (stripe !== null) {
    const Stripe = stripe.default as new (key: string) => { webhooks: StripeWebhooks };
    const { webhooks } = new Stripe('sk_test_bench');
    found.push(
      {
        name: 'stripe',
        verify: ({ payload, header }) => webhooks.constructEvent(payload, header, SECRET),
      },
      {
        name: 'await stripe',
        verify: ({ payload, header }) => webhooks.constructEventAsync(payload, header, SECRET),
      },
    );
  }
  for (const name of ['standardwebhooks', 'svix']) {
    const Webhook = (await installed(name))?.Webhook as Standard | undefined;
    if (Webhook === undefined) continue;
    const webhook = new Webhook(SECRET);
    found.push({ name, verify: ({ payload, standard }) => webhook.verify(payload, standard) });
  }
  const official = (await installed('agentchatme'))?.verifyWebhook as Official | undefined;
  if (official !== undefined) {
    found.push({ name: 'await agentchatme', verify: (delivery) => official(options(delivery)) });
  }
  return found;
}

/** How many there are when all are installed. */
export const EVERYBODY = 9;

export const contenders: readonly Contender[] = [limit, ...mine, ...(await others())];

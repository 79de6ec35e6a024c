import type { VerifyWebhookOptions } from '../../../src/webhooks/index.js';
import { digestOf, SECRET, T } from './genuine.js';

/** Chance, in the ways in which it is needed here. */
export class Dice {
  constructor(private readonly random: () => number) {}

  /** A whole number from 0 to `below`, exclusively. */
  below(below: number): number {
    return Math.floor(this.random() * below);
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  /** True one time in so many. */
  oneIn(many: number): boolean {
    return this.below(many) === 0;
  }
}

/** A request that the service has sent. */
export interface Sent {
  readonly bytes: Uint8Array;
  readonly timestamp: number;
  readonly header: string;
}

/** Requests of one sender within the tolerance: what an eavesdropper may put together anew. */
export function sentRequests(dice: Dice, count: number): Sent[] {
  return Array.from({ length: count }, (_, number) => {
    const text = dice.one([
      'hello',
      'café ☕️',
      '\ufffd',
      '👍'.repeat(dice.below(8)),
      'x'.repeat(dice.below(200)),
    ]);
    const data = { id: `msg_${number}`, seq: number, content: { text } };
    const bytes = Buffer.from(
      `${dice.oneIn(8) ? '\ufeff' : ''}${JSON.stringify({ event: 'message.new', timestamp: '2026', data })}`,
    );
    const timestamp = T - 250 + dice.below(500);
    const old = dice.oneIn(3) ? `,v1=${digestOf(bytes, timestamp, 'whsec_old_secret')}` : '';
    return { bytes, timestamp, header: `t=${timestamp},v1=${digestOf(bytes, timestamp)}${old}` };
  });
}

/** Characters that mean something to somebody who reads headers, JSON or numbers, and halves of them. */
const SHARP = [
  ...'0123456789abcdefABCDEF=, ;:."\'tv1x-+_\t\n\r\0{}[]\\/é９👍\ufeff\ufffd',
  '\ud800',
  '\udc00',
];

function mutatedText(dice: Dice, text: string, other: string): string {
  const at = dice.below(text.length + 1);
  const to = at + dice.below(6);
  switch (dice.below(13)) {
    case 0:
      return text.slice(0, at) + dice.one(SHARP) + text.slice(at + 1);
    case 11:
      // What decoders and encoders put in the place of what they cannot read or write.
      return text.replace('\ufffd', dice.one(SHARP));
    case 1:
      return text.slice(0, at) + dice.one(SHARP) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(to);
    case 3:
      return text.slice(0, at);
    case 4:
      return text.slice(at);
    case 5:
      return text.slice(0, at) + other.slice(at);
    case 6:
      return text.slice(0, to) + text.slice(at);
    case 7:
      return text + other;
    case 8:
      return `${text},${other}`;
    case 9:
      return dice.one([text.toUpperCase(), text.toLowerCase(), ` ${text} `, text.normalize('NFD')]);
    case 10:
      return [...text].reverse().join('');
    default:
      return other;
  }
}

/** Of a header's parts, rather than of its characters. */
function mutatedHeader(dice: Dice, header: string, other: string): string {
  const parts = header.split(',');
  const at = dice.below(parts.length);
  const foreign = dice.one(other.split(','));
  switch (dice.below(8)) {
    case 0:
      return parts.with(at, foreign).join(',');
    case 1:
      return [...parts, foreign].join(',');
    case 2:
      return [foreign, ...parts].join(',');
    case 3:
      return parts.toSpliced(at, 1).join(',');
    case 4:
      return parts.toReversed().join(dice.one([',', ' , ', ';', ' ']));
    case 5:
      return parts
        .with(
          at,
          (parts[at] ?? '').replace(/\d+/, (digits) => `${Number(digits) + dice.below(3) - 1}`),
        )
        .join(',');
    case 6:
      return parts.map((part) => part.slice(part.indexOf('=') + 1)).join(',');
    default:
      return mutatedText(dice, header, other);
  }
}

/** With another byte in the place of a character that stands for what could not be decoded, if there is one. */
function replaced(bytes: Uint8Array, byte: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf('\ufffd');
  return at < 0 ? bytes : Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at + 3)]);
}

function mutatedBytes(dice: Dice, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = dice.below(bytes.length);
  const to = at + dice.below(6);
  const byte = Uint8Array.of(dice.oneIn(2) ? dice.below(256) : (bytes[at] ?? 0) ^ (1 << dice.below(8)));
  switch (dice.below(8)) {
    case 0:
      return replaced(bytes, byte);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at + 1)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 4:
      return bytes.subarray(dice.below(3), bytes.length - dice.below(3));
    case 5:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(at)]);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at + 1)]);
    default:
      return other;
  }
}

/** Another request, made of ones that were sent: mostly of one, in part of another, and with mistakes. */
export function mutatedRequest(dice: Dice, sent: readonly Sent[]): VerifyWebhookOptions {
  const { bytes, header } = dice.one(sent);
  const other = dice.one(sent);
  let payload: string | Uint8Array = bytes;
  let signature = header;
  const target = dice.one(['header', 'bytes', 'text', 'all'] as const);
  if (target === 'header' || target === 'all') signature = mutatedHeader(dice, header, other.header);
  if (target === 'bytes' || target === 'all') payload = mutatedBytes(dice, bytes, other.bytes);
  if (target === 'text' || dice.oneIn(3)) {
    const text = Buffer.from(payload).toString();
    const isMutated = target === 'text' || dice.oneIn(2);
    payload = isMutated ? mutatedText(dice, text, Buffer.from(other.bytes).toString()) : text;
  }
  return {
    payload,
    signature: dice.oneIn(8) ? signature.split(',') : signature,
    secret: dice.oneIn(2) ? SECRET : [SECRET, 'whsec_old_secret'],
    toleranceSeconds: dice.oneIn(8) ? 0 : 300,
    allowUntimestamped: dice.oneIn(4),
    now: () => T * 1_000,
  };
}

import { describe, expect, it } from 'vitest';
import { ProtocolError, ValidationError } from '../../src/errors/index.js';
import { RealtimeClient, type WireMismatch } from '../../src/index.js';
import { frameCheckOf } from '../../src/realtime/frame-check.js';
import { eventSchemas, SERVER_EVENTS } from '../../src/wire/index.js';
import { message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';

/** A message that a handler can be given, and that is not as the contract says. */
const odd = (seq: number) => message(seq, 'conv_a', { created_at: 7 as unknown as string });

async function rigWith(options: ConstructorParameters<typeof ClientRig>[0]) {
  const told: WireMismatch[] = [];
  const rig = new ClientRig({ onWireMismatch: (mismatch) => void told.push(mismatch), ...options });
  const got: string[] = [];
  rig.client.on('message.new', ({ payload }) => void got.push(payload.id));
  await rig.connected();
  return { rig, told, got };
}

describe('validate', () => {
  it('knows every event of the contract', () => {
    expect(Object.keys(eventSchemas).sort()).toEqual([...SERVER_EVENTS].sort());
  });

  it('warn, the default, tells onWireMismatch where and what, never the value, and delivers', async () => {
    const { rig, told, got } = await rigWith({});
    await rig.frame(message(1), odd(2));
    rig.network.last.frame({ type: 'typing.start', payload: { conversation_id: 'conv_a', sender: '' } });
    expect(got).toEqual(['a1', 'a2']);
    expect(told).toEqual([
      { kind: 'message.new', problems: [{ field: 'created_at', problem: 'must be a string' }] },
      { kind: 'typing.start', problems: [{ field: 'sender', problem: 'must not be empty' }] },
    ]);
    expect(rig.errors).toEqual([]);
  });

  it('warn looks at the first 20 of a kind, then at 1 in 1,000; the kinds are counted apart', async () => {
    const { rig, told, got } = await rigWith({});
    for (let seq = 1; seq <= 2_001; seq += 1)
      rig.network.last.frame({ type: 'message.new', payload: odd(seq) });
    expect(told).toHaveLength(22);
    rig.network.last.frame({ type: 'message.read', payload: {} });
    expect(told).toHaveLength(23);
    expect(got).toHaveLength(2_001);
  });

  it.each([
    ['without onWireMismatch', {}],
    ['without onWireMismatch in warn', { validate: 'warn' as const }],
    ['when it is off', { validate: 'off' as const, onWireMismatch: () => {} }],
  ])('looks at no frame at all %s: there is nobody to look', (_, options) => {
    expect(frameCheckOf(options, { onError() {} })).toBeNull();
  });

  it('off tells nobody, and delivers', async () => {
    const { rig, told, got } = await rigWith({ validate: 'off' });
    await rig.frame(odd(1));
    expect([told, rig.errors, got]).toEqual([[], [], ['a1']]);
  });

  it('strict looks at every frame, tells onError of each that differs, and loses none of them', async () => {
    const { rig, told, got } = await rigWith({ validate: 'strict', onWireMismatch: undefined });
    for (let seq = 1; seq <= 50; seq += 1) await rig.frame(odd(seq));
    expect(got).toHaveLength(50);
    expect(rig.client.counters).toMatchObject({ handled: 50, malformed: 0 });
    expect(rig.network.last.sent.filter((text) => text.includes('"type":"ack"'))).toHaveLength(50);
    expect(rig.errors).toHaveLength(50);
    expect(rig.errors[0]).toBeInstanceOf(ProtocolError);
    expect(rig.errors[0]?.message).toContain('"message.new"');
    expect(rig.errors[0]?.message).toContain('`created_at` must be a string');
    expect(told).toEqual([]);
  });

  it('strict tells onWireMismatch as well', async () => {
    const { rig, told } = await rigWith({ validate: 'strict' });
    await rig.frame(odd(1));
    expect([told.length, rig.errors.length]).toEqual([1, 1]);
  });

  it('looks at hello.ok too', async () => {
    const told: WireMismatch[] = [];
    const rig = new ClientRig({ onWireMismatch: (mismatch) => void told.push(mismatch) });
    void rig.client.connect();
    await rig.accept('ack');
    expect(rig.client.isConnected).toBe(true);
    expect(told).toEqual([
      { kind: 'hello.ok', problems: [expect.objectContaining({ field: 'capabilities' })] },
    ]);
  });

  it('asks nothing of events that it does not know', async () => {
    const { rig, told } = await rigWith({ validate: 'strict' });
    for (const type of ['agent.paused', '__proto__', 'constructor', 'toString', '']) {
      rig.network.last.frame({ type, payload: 7 });
    }
    expect([told, rig.errors]).toEqual([[], []]);
  });

  it('looks before handlers do: what they do to a message is not the service’s doing', async () => {
    const { rig, told } = await rigWith({ validate: 'strict' });
    rig.client.on('message.new', ({ payload }) => void Object.assign(payload, { created_at: null }));
    await rig.frame(message(1));
    expect([told, rig.errors]).toEqual([[], []]);
  });

  it.each(['off', 'warn', 'strict'] as const)(
    'in %s, too, a message that no handler could be given is told and named',
    async (validate) => {
      const { rig, got } = await rigWith({ validate, onWireMismatch: undefined });
      const bad = { ...message(1), sender: 7 };
      rig.network.last.frame({ type: 'message.new', payload: bad });
      const unusable = rig.errors.filter((error) => error.message.includes('cannot be used'));
      expect(unusable).toHaveLength(1);
      expect(unusable[0]?.message).toContain('"sender"');
      expect(unusable[0]?.message).toContain('id a1, conversation_id conv_a, seq 1');
      expect(rig.client.counters.malformed).toBe(1);
      expect(got).toEqual([]);
    },
  );

  it('refuses options that cannot be', () => {
    const make = (options: object) => () => new RealtimeClient({ apiKey: 'ac_test_key', ...options });
    expect(make({ validate: 'loud' })).toThrow(ValidationError);
    expect(make({ validate: 'loud' })).toThrow(/"validate"/);
    expect(make({ onWireMismatch: {} })).toThrow(/"onWireMismatch"/);
  });
});

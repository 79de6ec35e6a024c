import { describe, expect, it } from 'vitest';
import { message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';

/** A client, and the codes that its `onDisconnect` listener was told. */
function listening() {
  const rig = new ClientRig();
  const codes: number[] = [];
  rig.client.onDisconnect(({ code }) => codes.push(code));
  return { rig, codes };
}

async function stop({ client, clock }: ClientRig): Promise<void> {
  const stopping = client.disconnect();
  await clock.advance(1_000);
  await stopping;
}

describe('onDisconnect', () => {
  it('is told of a loss, and once where the same function is registered twice', async () => {
    const rig = new ClientRig();
    const codes: number[] = [];
    const listener = ({ code }: { code: number }) => codes.push(code);
    const off = rig.client.onDisconnect(listener);
    const offAgain = rig.client.onDisconnect(listener);
    (await rig.connected()).end({ code: 1012 });
    expect(codes).toEqual([1012]);
    off();
    offAgain();
    await rig.clock.advance(60_000);
    (await rig.accept()).end({ code: 1012 });
    expect(codes).toEqual([1012]);
    await stop(rig);
  });

  it('STOP-1 is not told of the end that disconnect() makes, and is told of losses again in the next life', async () => {
    const { rig, codes } = listening();
    const socket = await rig.connected();
    const stopping = rig.client.disconnect();
    await rig.clock.settle();
    socket.end({ code: 1000 });
    await stopping;
    expect(codes).toEqual([]);
    (await rig.connected()).end({ code: 1012 });
    expect(codes).toEqual([1012]);
    await stop(rig);
    expect(codes).toEqual([1012]);
  });

  it('STOP-1 is not told of an attempt that disconnect() calls off', async () => {
    const { rig, codes } = listening();
    void rig.client.connect();
    await rig.clock.settle();
    rig.network.last.open();
    await rig.client.disconnect();
    expect(codes).toEqual([]);
  });

  it('STOP-3 is not told of the socket that lingers for what was left behind', async () => {
    const { rig, codes } = listening();
    let finish = () => {};
    rig.client.on('message.new', () => {
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    const socket = await rig.connected();
    await rig.frame(message(1));
    const stopping = rig.client.disconnect({ deadlineMs: 100 });
    await rig.clock.advance(101);
    await stopping;
    socket.end({ code: 1006 });
    finish();
    await rig.clock.advance(1_000);
    expect(codes).toEqual([]);
    expect(rig.client.state).toBe('idle');
  });
});

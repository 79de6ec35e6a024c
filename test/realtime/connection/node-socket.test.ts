import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import {
  isNodeSocket,
  NodeSocket,
  type NodeWebSocketLike,
} from '../../../src/realtime/connection/node-socket.js';
import { VirtualClock } from '../../support/virtual-clock.js';

/** A socket as `ws` makes them, which writes down what is asked of it. */
class Spy extends EventEmitter {
  readyState = 1;
  bufferedAmount = 7;
  readonly log: string[] = [];
  broken = false;

  send(text: string): void {
    this.log.push(text);
    if (this.broken) throw new Error('gone');
  }
  close(code?: number): void {
    this.log.push(`close ${code}`);
    if (this.broken) throw new Error('gone');
  }
  ping(): void {
    this.log.push('ping');
    if (this.broken) throw new Error('gone');
  }
  terminate(): void {
    this.log.push('terminate');
    if (this.broken) throw new Error('gone');
  }
  /** The connection below, as the `upgrade` event hands it over. */
  upgrade(): { bytesRead: number } {
    const raw = {
      bytesRead: 0,
      cork: () => void this.log.push('cork'),
      uncork: () => void this.log.push('uncork'),
    };
    this.emit('upgrade', { socket: raw });
    return raw;
  }
}

function adapter() {
  const spy = new Spy();
  const told = { onOpen: vi.fn(), onMessage: vi.fn(), onEnd: vi.fn() };
  const clock = new VirtualClock();
  return { spy, told, clock, socket: new NodeSocket(spy as unknown as NodeWebSocketLike, told, clock) };
}

describe('the adapter of ws', () => {
  it('knows its sockets by what they can do', () => {
    expect(isNodeSocket(new Spy())).toBe(true);
    expect(isNodeSocket({ on() {}, ping() {} })).toBe(false);
  });

  it('ACK-1: corks a batch, and lets go of it when a write fails', () => {
    const { spy, socket } = adapter();
    spy.upgrade();
    expect(socket.sendBatch(['a', 'b'])).toBe(true);
    expect(spy.log).toEqual(['cork', 'a', 'b', 'uncork']);
    spy.broken = true;
    expect(socket.sendBatch(['c', 'd'])).toBe(false);
    expect(spy.log.slice(4)).toEqual(['cork', 'c', 'uncork']);
  });

  it('BP-3: tells what was taken, to the byte where the platform knows it', () => {
    const { spy, socket } = adapter();
    expect(socket.takenBytes()).toBe(-7);
    const raw = spy.upgrade();
    expect(socket.takenBytes()).toBe(-7);
    Object.assign(raw, { bytesWritten: 100 });
    expect(socket.takenBytes()).toBe(93);
    Object.assign(raw, { _handle: { bytesWritten: 99, writeQueueSize: 3 } });
    expect(socket.takenBytes()).toBe(96);
    Object.assign(raw, { _handle: null });
    expect(socket.takenBytes()).toBe(93);
  });

  it('writes a batch without a raw socket too, and nothing when it is not open', () => {
    const { spy, socket } = adapter();
    spy.emit('upgrade');
    expect(socket.sendBatch(['a', 'b'])).toBe(true);
    spy.readyState = 2;
    expect(socket.sendBatch(['c'])).toBe(false);
    expect(socket.send('c')).toBe(false);
    socket.ping();
    expect(spy.log).toEqual(['a', 'b']);
  });

  it('LIVE-1: counts bytes, frames, pings and pongs as life', () => {
    const { spy, socket } = adapter();
    const seen = [socket.activity()];
    const look = (what: () => void) => {
      what();
      seen.push(socket.activity());
    };
    look(() => spy.emit('message', Buffer.from('x'), false));
    look(() => spy.emit('ping'));
    look(() => spy.emit('pong'));
    const raw = spy.upgrade();
    look(() => {
      raw.bytesRead = 100;
    });
    expect(new Set(seen).size).toBe(5);
    expect(socket.canPing).toBe(true);
    expect(socket.unsentBytes()).toBe(7);
  });

  it('gives text as text, and bytes as what they are', () => {
    const { spy, told } = adapter();
    const bytes = Buffer.from('{"type":"x"}');
    spy.emit('message', bytes, false);
    spy.emit('message', bytes, true);
    expect(told.onMessage.mock.calls).toEqual([['{"type":"x"}'], [bytes]]);
  });

  it('tells the status of a refused upgrade, and ends its request', () => {
    const { spy, told } = adapter();
    const destroy = vi.fn();
    spy.emit('unexpected-response', { destroy }, { statusCode: 401 });
    expect(destroy).toHaveBeenCalledOnce();
    expect(told.onEnd).toHaveBeenCalledWith({ kind: 'http', status: 401, headers: {}, body: '' });
  });

  /** A refusal whose body comes in pieces. */
  function refused() {
    const made = adapter();
    const destroy = vi.fn();
    const headers = { 'retry-after': '7' };
    const response = Object.assign(new EventEmitter(), { statusCode: 403, headers });
    made.spy.emit('unexpected-response', { destroy }, response);
    return { ...made, destroy, response, headers };
  }

  it('RCN-3: tells the body of a refusal, once, however many ends it has', () => {
    const { spy, told, clock, response, destroy, headers } = refused();
    response.emit('data', Buffer.from('{"code"'));
    response.emit('data', Buffer.from(':"X"}'));
    expect(told.onEnd).not.toHaveBeenCalled();
    response.emit('end');
    response.emit('close');
    response.emit('data', Buffer.from('late'));
    spy.emit('error', new Error('socket hang up'));
    spy.emit('close', 1006, Buffer.from(''));
    expect(told.onEnd.mock.calls).toEqual([[{ kind: 'http', status: 403, headers, body: '{"code":"X"}' }]]);
    expect(destroy).toHaveBeenCalledOnce();
    expect(clock.pendingTimers).toBe(0);
  });

  it('RCN-3: reads 4 kB of a refusal, and no longer than two seconds', async () => {
    const large = refused();
    large.response.emit('data', Buffer.alloc(3_000, 'a'));
    large.response.emit('data', Buffer.alloc(30_000, 'b'));
    expect(large.told.onEnd.mock.calls[0]?.[0].body).toBe(`${'a'.repeat(3_000)}${'b'.repeat(1_096)}`);
    expect(large.destroy).toHaveBeenCalledOnce();

    const slow = refused();
    slow.response.emit('data', Buffer.from('{'));
    await slow.clock.advance(1_999);
    slow.response.emit('data', Buffer.from('"'));
    expect(slow.told.onEnd).not.toHaveBeenCalled();
    await slow.clock.advance(1);
    expect(slow.told.onEnd.mock.calls[0]?.[0].body).toBe('{"');
    expect(slow.destroy).toHaveBeenCalledOnce();
  });

  it('RCN-3: a socket that is given up tells no refusal any more', async () => {
    const { told, clock, response, destroy, socket } = refused();
    socket.discard(1000, '');
    expect(destroy).toHaveBeenCalledOnce();
    response.emit('end');
    await clock.advance(5_000);
    expect(told.onEnd).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells the close with the error before it as the cause', () => {
    const { spy, told } = adapter();
    const error = new Error('reset');
    spy.emit('error', error);
    spy.emit('close', 1006, Buffer.from(''));
    expect(told.onEnd).toHaveBeenCalledWith({
      kind: 'closed',
      code: 1006,
      reason: '',
      wasClean: false,
      cause: error,
    });
  });

  it('is fenced by discard(): an open one says goodbye, all are terminated, late errors hurt nobody', () => {
    const { spy, told, socket } = adapter();
    socket.discard(1008, 'HELLO ack timeout');
    expect(spy.log).toEqual(['close 1008', 'terminate']);
    spy.emit('error', new Error('late'));
    spy.emit('close', 1006);
    spy.emit('message', Buffer.from('x'), false);
    expect(told.onEnd).not.toHaveBeenCalled();
    expect(told.onMessage).not.toHaveBeenCalled();
    expect(spy.eventNames()).toEqual(['error']);

    const opening = adapter();
    opening.spy.readyState = 0;
    opening.spy.broken = true;
    opening.socket.discard(1000, '');
    expect(opening.spy.log).toEqual(['terminate']);
  });

  it('survives a socket that throws at everything', () => {
    const { spy, socket } = adapter();
    spy.broken = true;
    expect(socket.send('x')).toBe(false);
    socket.ping();
    socket.close(1000, '');
    socket.discard(1000, '');
    expect(spy.log).toEqual(['x', 'ping', 'close 1000', 'close 1000', 'terminate']);
  });
});

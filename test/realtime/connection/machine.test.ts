import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/realtime/connection/state.js';
import { Machine } from './machine-driver.js';

describe('an attempt', () => {
  it('asks for the key, opens, says hello, and becomes a session', () => {
    const machine = new Machine().at(100);
    expect(machine.on({ type: 'connect' }).done).toEqual(['state', 'timer', 'ask_key']);
    expect(machine.state).toMatchObject({ kind: 'connecting', phase: 'asking_key', memory: { attempt: 1 } });
    expect(machine.key().done).toEqual(['timer', 'open']);
    expect(machine.on({ type: 'opened', attempt: 1 }).done).toEqual(['timer', 'hello']);
    expect(machine.at(130).helloOk().done).toEqual(['clear_timer', 'connect_ok', 'state', 'session_start']);
    expect(machine.state).toMatchObject({
      kind: 'connected',
      session: { id: 1, ackMode: true, startedAt: 130 },
    });
  });

  it('LIVE-1: gets 4 s to open and 4 s for hello.ok', () => {
    const machine = new Machine().opening();
    expect(machine.effect('timer').delayMs).toBe(4_000);
    machine.at(4_000).fire();
    expect(machine.state.kind).toBe('waiting');
    expect(machine.effect('disconnected').end).toMatchObject({ code: 1006, wasClean: false });
    machine.again().on({ type: 'opened', attempt: 2 });
    expect(machine.effect('timer').delayMs).toBe(4_000);
    machine.at(machine.now + 4_000).fire();
    expect(machine.state.kind).toBe('waiting');
    expect(machine.effect('discard')).toMatchObject({ code: 1008, reason: 'HELLO ack timeout' });
  });

  it('LIVE-1: only the timers of an attempt judge somebody', () => {
    const machine = new Machine().on({ type: 'connect' });
    expect(machine.effect('timer').judges).toBe(true);
    expect(machine.key().effect('timer').judges).toBe(true);
    expect(machine.on({ type: 'opened', attempt: 1 }).effect('timer').judges).toBe(true);
    expect(machine.closed(1006).effect('timer').judges).toBe(false);
    expect(new Machine().connected().on({ type: 'close' }).effect('timer').judges).toBe(false);
  });

  it('a stale number is an answer from the past', () => {
    const machine = new Machine().authenticating().closed(1006);
    machine.again();
    const before = machine.state;
    const stale: Event[] = [
      { type: 'key', attempt: 1, keyNumber: 9 },
      { type: 'opened', attempt: 1 },
      { type: 'hello_ok', attempt: 1, ackMode: true },
      { type: 'hello_hint', attempt: 1, hint: 'x' },
      { type: 'ended', attempt: 1, ending: { kind: 'closed', code: 4401, reason: '', wasClean: true } },
      { type: 'timer', timer: 1 },
      { type: 'replace', session: 0, why: 'x' },
    ];
    for (const event of stale) {
      machine.on(event);
      expect(machine.state).toBe(before);
      expect(machine.effects).toEqual([]);
    }
  });

  it('a lost session is fenced and told before anything new begins', () => {
    const machine = new Machine().connected().at(50).end({ kind: 'silent' });
    expect(machine.done).toEqual(['discard', 'session_end', 'disconnected', 'state', 'report', 'timer']);
    expect(machine.state).toMatchObject({ kind: 'waiting', until: 550 });
  });
});

describe('STOP-1', () => {
  it('beginStop keeps the socket of a session, and takes nothing in', () => {
    const machine = new Machine().connected().on({ type: 'begin_stop' });
    expect(machine.done).toEqual(['stop_intake', 'state']);
    expect(machine.state).toMatchObject({ kind: 'stopping', phase: 'flushing', session: { id: 1 } });
    machine.on({ type: 'close' });
    expect(machine.done).toEqual(['say_goodbye', 'session_end', 'timer']);
    expect(machine.effect('timer').delayMs).toBe(250);
    machine.closed(1000);
    expect(machine.state.kind).toBe('idle');
    expect(machine.done).toEqual(['discard', 'clear_timer', 'stopped', 'disconnected', 'state']);
  });

  it('a peer that does not answer the close is not waited for', () => {
    const machine = new Machine().connected().on({ type: 'close' }).at(250).fire();
    expect(machine.state.kind).toBe('idle');
    expect(machine.done).toContain('discard');
    expect(machine.effect('disconnected').end.wasClean).toBe(false);
  });

  it('close ends everything in every state', () => {
    expect(new Machine().on({ type: 'close' }).done).toEqual(['stopped']);
    const key = new Machine().on({ type: 'connect' }).on({ type: 'close' });
    expect(key.done).toEqual(['clear_timer', 'connect_failed', 'stopped', 'state']);
    for (const machine of [new Machine().opening(), new Machine().authenticating()]) {
      machine.on({ type: 'close' });
      expect(machine.state.kind).toBe('idle');
      expect(machine.done).toEqual([
        'clear_timer',
        'discard',
        'connect_failed',
        'stopped',
        'disconnected',
        'state',
      ]);
    }
    const waiting = new Machine().opening().closed(1006).on({ type: 'close' });
    expect(waiting.done).toEqual(['clear_timer', 'connect_failed', 'stopped', 'state']);
    const flushed = new Machine().connected().on({ type: 'begin_stop' }).closed(1006).on({ type: 'close' });
    expect(flushed.done).toEqual(['stopped', 'state']);
  });

  it('a session that is lost while it is flushed is not replaced', () => {
    const machine = new Machine().connected().on({ type: 'begin_stop' }).closed(1006);
    expect(machine.state).toMatchObject({ kind: 'stopping', session: null });
    expect(machine.done).toEqual(['discard', 'session_end', 'disconnected']);
  });

  it('connect() during a stop fails at once, and disturbs nothing', () => {
    const flushing = new Machine().connected().on({ type: 'begin_stop' });
    const closing = new Machine().connected().on({ type: 'close' });
    for (const machine of [flushing, closing]) {
      const before = machine.state;
      expect(machine.on({ type: 'connect' }).done).toEqual(['connect_failed']);
      expect(machine.effect('connect_failed').problem.kind).toBe('disconnected');
      expect(machine.state).toBe(before);
    }
    flushing.on({ type: 'close' }).closed(1000);
    expect(flushing.state.kind).toBe('idle');
  });

  it('abort ends the trying, and does nothing to a session', () => {
    const machine = new Machine().opening().on({ type: 'abort', cause: 'why' });
    expect(machine.state.kind).toBe('idle');
    expect(machine.effect('connect_failed').problem).toEqual({ kind: 'aborted', cause: 'why' });
    expect(new Machine().connected().on({ type: 'abort', cause: 'why' }).done).toEqual([]);
    const stopping = new Machine().connected().on({ type: 'begin_stop' });
    expect(stopping.on({ type: 'abort', cause: 'why' }).done).toEqual([]);
  });
});

describe('replace', () => {
  it('gives up that session, and only that one', () => {
    const machine = new Machine().connected();
    expect(machine.on({ type: 'replace', session: 7, why: 'x' }).done).toEqual([]);
    machine.on({ type: 'replace', session: 1, why: 'it brings nothing' });
    expect(machine.state.kind).toBe('waiting');
    expect(machine.effect('disconnected').end.reason).toBe('it brings nothing');
    expect(machine.effect('report').problem.kind).toBe('session_lost');
  });
});

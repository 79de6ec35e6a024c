import { expect, it } from 'vitest';
import { HandlerContext } from '../../../src/realtime/lanes/call.js';
import { HandOut } from '../../../src/realtime/lanes/stream.js';
import { Life } from '../../../src/realtime/util/life.js';
import { eventOf } from './lanes-rig.js';

it('STOP-1 a message handed out in a life that has ended goes back at once, and may be acknowledged late', () => {
  const life = new Life();
  life.end();
  const handOut = new HandOut(eventOf('a1'), new HandlerContext('live', 1, false, false, life));
  const outcomes: string[] = [];
  handOut.whenOver(() => outcomes.push(handOut.outcome));
  expect(handOut.isHeld).toBe(false);
  handOut.acknowledge();
  handOut.acknowledge();
  expect(outcomes).toEqual(['given back', 'succeeded after all']);
});

import { badOption, checkNames, text, type Unchecked } from '../check.js';
import type { Faults } from '../faults/controls.js';
import type { FaultKind } from '../faults/kinds.js';
import type { FaultSettings, NextOptions } from '../faults/settings.js';
import type { Operator } from '../operator.js';
import type { Restartable } from '../restart.js';
import type { WebhookControls } from '../webhooks/controls.js';

/** What can be asked of a running server by whoever has its token. */
export interface Controls {
  readonly faults: Faults;
  readonly operator: Operator;
  readonly webhooks: WebhookControls;
  readonly running: Restartable;
}

/** Does what was asked, and gives what to answer. Throws a ValidationError for what cannot be. */
type Command = (controls: Controls, body: Unchecked) => unknown;

const DONE = { ok: true };

/** The commands by method and path below `/_local/`. Their bodies have the names and meanings of the methods they call. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  'GET agents': ({ operator }) => ({ agents: operator.agents() }),
  'POST agents': ({ operator }, { handle, ...options }) =>
    operator.createAgent(filled(handle, 'handle'), options),
  'GET faults': ({ faults }) => stateOf(faults),
  'PATCH faults': ({ faults }, body) => {
    faults.set(body as FaultSettings);
    return stateOf(faults);
  },
  'DELETE faults': ({ faults }) => {
    faults.clear();
    return stateOf(faults);
  },
  'POST faults/next': ({ faults }, { kind, ...options }) => {
    faults.next(filled(kind, 'kind') as FaultKind, options as NextOptions<FaultKind>);
    return DONE;
  },
  'POST faults/cut': ({ faults }, body) => ({ struck: faults.cut(handleIn(body)) }),
  'POST faults/half-open': ({ faults }, body) => ({ struck: faults.halfOpen(handleIn(body)) }),
  'POST faults/shut-out': ({ faults }, body) => {
    const { handle, on, rest } = checkNames(body, ['handle', 'on', 'rest'], 'shut-out');
    // What is no flag is refused there.
    faults.shutOut(filled(handle, 'handle'), on as boolean, { rest: rest as boolean | undefined });
    return DONE;
  },
  'GET webhooks': ({ webhooks }) => ({ webhooks: webhooks.list() }),
  'GET webhooks/attempts': ({ webhooks }) => ({ attempts: webhooks.attempts() }),
  'POST webhooks/trigger': ({ webhooks }, body) => {
    const { handle, event, data } = checkNames(body, ['handle', 'event', 'data'], 'trigger');
    const payload = data as Record<string, unknown>;
    return { deliveries: webhooks.trigger(filled(handle, 'handle'), filled(event, 'event'), payload) };
  },
};

function stateOf(faults: Faults): unknown {
  return { rates: faults.rates(), shutOut: faults.shutOuts(), counts: faults.counts() };
}

function handleIn(body: Unchecked): string | undefined {
  return text(checkNames(body, ['handle'], 'command').handle, 'handle');
}

function filled(value: unknown, name: string): string {
  const given = text(value, name);
  if (given === undefined || given === '') throw badOption(name, 'is missing');
  return given;
}

import { afterEach, expect } from 'vitest';
import type { WebhookReceiverOptions } from '../../../../src/webhooks/node/index.js';
import type { Adapter, Rig } from './adapters.js';
import type { Answer, Outgoing } from './request.js';

const running: Rig[] = [];

/** Starts a receiver that is ended after the test, whatever happens. */
export async function start(adapter: Adapter, options: Partial<WebhookReceiverOptions> = {}): Promise<Rig> {
  const rig = await adapter.start(options);
  running.push(rig);
  return rig;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((rig) => rig.end()));
});

/** What an answer says. Every answer of ours is JSON, and tells nothing of what is behind it. */
export function said({ status, headers, text }: Answer): Record<string, unknown> {
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).not.toMatch(/<|\bat \S+:\d+|node_modules/);
  return { status, ...(JSON.parse(text) as Record<string, unknown>) };
}

export async function ask(rig: Rig, outgoing: Outgoing): Promise<Record<string, unknown>> {
  return said(await rig.send(outgoing));
}

/** A promise, and who settles it. */
export function gate<T = void>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

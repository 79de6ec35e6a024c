import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BOUNDS } from '../../src/realtime/bounds.js';
import { realtimeSettings } from '../../src/realtime/settings.js';
import { code, numberIn, page, root, rowsBelow } from './pages.js';

/** The names of the properties of an exported interface. */
function propertiesOf(file: string, name: string): string[] {
  const program = ts.createProgram([join(root, file)], { noResolve: true });
  const source = program.getSourceFile(join(root, file));
  const found = source?.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  );
  if (found === undefined || !ts.isInterfaceDeclaration(found)) throw new Error(`no interface ${name}`);
  return found.members.map((member) => member.name?.getText(source) ?? '');
}

/** The rows of a table of options by name. Rows that only group others have no name. */
function optionsIn(file: string, heading: string): Map<string, string[]> {
  const named = rowsBelow(page(file), heading).flatMap((cells) => {
    const name = code(cells[0]);
    return name === undefined ? [] : [[name, cells] as const];
  });
  expect(new Set(named.map(([name]) => name)).size).toBe(named.length);
  return new Map(named);
}

const sorted = (names: Iterable<string>) => [...names].sort();

describe('the table of options in the README', () => {
  const table = optionsIn('README.md', '## Options of `RealtimeClient`');

  it('names each of RealtimeOptions, and no other', () => {
    expect(sorted(table.keys())).toEqual(sorted(propertiesOf('src/realtime/options.ts', 'RealtimeOptions')));
  });

  it('says of each its default, its unit and its meaning', () => {
    const incomplete = [...table].filter(([, cells]) => cells.length !== 4 || cells.includes(''));
    expect(incomplete).toEqual([]);
  });

  it('has the defaults that are used', () => {
    const settings = realtimeSettings({ apiKey: 'ac_test_key', baseUrl: 'https://x.test' });
    const { machine, liveness } = settings.connection;
    const used = {
      concurrency: settings.bounds.concurrency,
      gapFillWindowMs: settings.gapFillWindow,
      gapGiveUpMs: settings.gapGiveUpMs,
      reconcileIntervalMs: settings.reconcileIntervalMs,
      reconnectInterval: machine.reconnectIntervalMs,
      maxReconnectInterval: machine.maxReconnectIntervalMs,
      openTimeoutMs: machine.openTimeoutMs,
      helloTimeoutMs: machine.helloTimeoutMs,
      pingAfterMs: liveness.pingAfterMs,
      pongTimeoutMs: liveness.pongTimeoutMs,
      livenessTimeoutMs: liveness.livenessTimeoutMs,
      dedupCacheSize: settings.dedupCacheSize,
    };
    const defaultOf = (name: string) => table.get(name)?.[1] ?? '';
    const written = Object.keys(used).map((name) => [name, numberIn(defaultOf(name))]);
    expect(Object.fromEntries(written)).toEqual(used);
    expect(machine.maxReconnectAttempts).toBe(Number.POSITIVE_INFINITY);
    expect(defaultOf('maxReconnectAttempts')).toBe('no limit');
    expect(defaultOf('autoDrainOnConnect')).toBe(`\`${settings.autoDrain}\``);
    expect(defaultOf('onHandlerFailure')).toBe(`\`'${settings.onHandlerFailure}'\``);
    const { retries, minDelayMs, maxDelayMs } = settings.handlerRetry;
    expect(defaultOf('handlerRetry').replaceAll('_', '')).toBe(
      `\`{ retries: ${retries}, minDelayMs: ${minDelayMs}, maxDelayMs: ${maxDelayMs} }\``,
    );
  });
});

describe('the table of bounds in docs/production.md', () => {
  it('names each of Bounds with the default that is used, and no other', () => {
    const table = optionsIn('docs/production.md', '## Memory');
    const written = [...table].map(([name, cells]) => [name, numberIn(cells[1])]);
    expect(Object.fromEntries(written)).toEqual(DEFAULT_BOUNDS);
  });
});

describe('the table of options in docs/webhooks.md', () => {
  it('names each option of a receiver, and no other', () => {
    const table = optionsIn('docs/webhooks.md', '## Options');
    const names = [
      ...propertiesOf('src/webhooks/receiver/options.ts', 'WebhookReceiverOptions'),
      ...propertiesOf('src/webhooks/request.ts', 'WebhookVerification'),
    ];
    expect(sorted(table.keys())).toEqual(sorted(names));
  });
});

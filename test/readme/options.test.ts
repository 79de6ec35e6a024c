import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { answerPolicyOf } from '../../src/bot/answering/answer-policy.js';
import { budgetRulesOf } from '../../src/bot/budgets/options.js';
import { guardRulesOf } from '../../src/bot/guard/options.js';
import { botRulesOf } from '../../src/bot/options.js';
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

describe('the table of options in docs/bot.md', () => {
  const table = optionsIn('docs/bot.md', '## Options');
  const GROUPS: Record<string, readonly [string, string]> = {
    answer: ['src/bot/answering/answer-policy.ts', 'AnswerOptions'],
    turns: ['src/bot/turns/turn-options.ts', 'TurnOptions'],
    replies: ['src/bot/options.ts', 'ReplyOptions'],
    guard: ['src/bot/guard/options.ts', 'GuardOptions'],
    budgets: ['src/bot/budgets/options.ts', 'BudgetOptions'],
  };

  it('names each option of createBot, and no other', () => {
    const names = propertiesOf('src/bot/options.ts', 'BotOptions').flatMap((name) => {
      const group = GROUPS[name];
      return group === undefined ? [name] : propertiesOf(...group).map((option) => `${name}.${option}`);
    });
    expect(sorted(table.keys())).toEqual(sorted(names));
  });

  it('has the defaults that are used', () => {
    const { turns, maxMessages } = botRulesOf({});
    const used: Record<string, object> = {
      answer: answerPolicyOf(),
      turns: { ...turns, apology: 'none' },
      replies: { maxMessages },
      guard: guardRulesOf(),
      budgets: { onExceeded: budgetRulesOf().onExceeded },
    };
    const defaults = Object.entries(used).flatMap(([group, options]) =>
      Object.entries(options).map(([name, value]) => [`${group}.${name}`, String(value)] as const),
    );
    const written = defaults.map(([name]) => {
      const cell = table.get(name)?.[1] ?? '';
      return [name, (code(cell) ?? cell).replaceAll("'", '').replaceAll('_', '')];
    });
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries(defaults));
  });
});

import { spawnSync } from 'node:child_process';
import { type Measurement, median, print, shown, type Verdict } from '../realtime/report.js';

/** What is imported, by its file; `null` is a Node that imports nothing. */
const CONTENDERS: ReadonlyMap<string, string | null> = new Map([
  ['an empty Node', null],
  ['agentchatme', import.meta.resolve('agentchatme')],
  ['agentchat-client', new URL('../../dist/index.js', import.meta.url).href],
  ['agentchat-client/webhooks', new URL('../../dist/webhooks.js', import.meta.url).href],
]);

interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * One import in a process of its own: from its start to its end, and its processor time. Its environment is empty: extra
 * certificates, say, are read at the start of each Node and would hide what is measured.
 */
function costOf(file: string | null): Cost {
  const program = `${file === null ? '' : `import ${JSON.stringify(file)};`}
    const { user, system } = process.cpuUsage();
    process.stdout.write(String((user + system) / 1e3));`;
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: {},
  });
  if (status !== 0) throw new Error(`The import of ${file ?? 'nothing'} failed: ${stderr}`);
  return { wallMs: performance.now() - start, cpuMs: Number(stdout) };
}

/** What it costs to import a door, over a Node that imports nothing, beside the official package. */
export class Imports implements Measurement {
  readonly name = 'import';

  constructor(private readonly rounds: number) {}

  async run(): Promise<Verdict[]> {
    print(`import: medians of ${this.rounds} rounds, each contender in a process of its own`);
    const costs = new Map<string, Cost[]>([...CONTENDERS.keys()].map((name) => [name, []]));
    for (let round = 0; round < this.rounds; round += 1) {
      // There and back: nobody always runs first.
      const order = round % 2 === 0 ? [...CONTENDERS] : [...CONTENDERS].reverse();
      for (const [name, file] of order) costs.get(name)?.push(costOf(file));
    }
    const medianOf = (name: string, cost: keyof Cost) =>
      median((costs.get(name) ?? []).map(({ [cost]: value }) => value));
    const over = (name: string, cost: keyof Cost) => medianOf(name, cost) - medianOf('an empty Node', cost);
    for (const name of CONTENDERS.keys()) {
      const cells = [
        `${shown(over(name, 'wallMs')).padStart(6)} ms`,
        `${shown(over(name, 'cpuMs')).padStart(6)} ms of CPU`,
      ];
      print(`  ${name.padEnd(28)} ${cells.join('   ')}`);
    }
    const ratio = (name: string) => over(name, 'cpuMs') / over('agentchatme', 'cpuMs');
    return [
      {
        what: 'of the cost of agentchatme, for the front door',
        value: ratio('agentchat-client'),
        target: { atMost: 4 },
      },
      {
        what: 'of the cost of agentchatme, for webhooks',
        value: ratio('agentchat-client/webhooks'),
        target: { atMost: 1.5 },
      },
    ];
  }
}

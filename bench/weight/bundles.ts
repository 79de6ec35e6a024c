import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { type Measurement, print, shown, type Verdict } from '../realtime/report.js';

interface Bundle {
  readonly title: string;
  readonly names: string;
  readonly file: string;
  readonly atMostKb: number;
}

const BUNDLES: readonly Bundle[] = [
  { title: 'RealtimeClient', names: '{ RealtimeClient }', file: 'index.js', atMostKb: 52 },
  { title: 'AgentChatClient', names: '{ AgentChatClient }', file: 'index.js', atMostKb: 37 },
  { title: 'everything', names: '*', file: 'index.js', atMostKb: 88 },
  { title: 'verifyWebhook', names: '{ verifyWebhook }', file: 'webhooks-edge.js', atMostKb: 2 },
];

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Kilobytes after gzip of what a browser loads that imports these names, dependencies included. */
async function kilobytesOf({ names, file }: Bundle): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from './${file}';`, resolveDir: dist },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / 1_000;
}

/** What a browser loads, by what is imported of the package. */
export class Bundles implements Measurement {
  readonly name = 'bundle';

  async run(): Promise<Verdict[]> {
    print('bundle: esbuild for browsers, minified, dependencies included, gzip');
    const verdicts: Verdict[] = [];
    for (const bundle of BUNDLES) {
      const value = await kilobytesOf(bundle);
      print(`  ${bundle.title.padEnd(28)} ${shown(value).padStart(6)} kB`);
      verdicts.push({ what: `kB for ${bundle.title}`, value, target: { atMost: bundle.atMostKb } });
    }
    return verdicts;
  }
}

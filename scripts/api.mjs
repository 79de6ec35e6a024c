// `npm run api`: compares the public types of every door with the reports in etc/, which are committed, so that no
// change of the public surface goes unseen in a review. `npm run api:update` writes them anew.
// Reads the built types: needs `npm run build` first.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const update = process.argv.includes('--update');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'agentchat-api-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

/** Writes the report of one door's types; returns its path, or undefined when the types could not be read. */
function extract(name, types) {
  const reportFolder = join(work, name);
  mkdirSync(reportFolder, { recursive: true });
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(root, 'api-extractor.json'),
    packageJsonFullPath: join(root, 'package.json'),
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'ES2022',
            module: 'ESNext',
            moduleResolution: 'Bundler',
            lib: ['ES2023', 'DOM', 'DOM.Iterable', 'ESNext.Disposable'],
            // Our types stand on their own; those of the Chat SDK, which its door shows, need Node's.
            types: name === 'chat-sdk' ? ['node'] : [],
            strict: true,
          },
          files: [types],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder,
        reportTempFolder: join(reportFolder, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // Everything that a door exports is public; release tags would say so on each of them.
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const { errorCount } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      const quiet = [ExtractorLogLevel.Info, ExtractorLogLevel.Verbose, ExtractorLogLevel.None];
      message.handled = quiet.includes(message.logLevel) || /api-report|console-/.test(message.messageId);
    },
  });
  return errorCount === 0 ? join(reportFolder, `${name}.api.md`) : undefined;
}

for (const [door, conditions] of Object.entries(manifest.exports)) {
  if (typeof conditions === 'string') continue;
  const name = door === '.' ? 'agentchat-client' : door.slice(2).replaceAll('/', '-');
  // A door that differs by runtime has the same types in all of them.
  const declared = (conditions.import ?? conditions.default.import).types;
  const types = join(root, declared);
  if (!existsSync(types)) {
    console.error(`not built: ${declared}. Run npm run build first.`);
    process.exit(1);
  }
  const report = extract(name, types);
  if (report === undefined) {
    process.exitCode = 1;
    continue;
  }
  const committed = join(root, 'etc', `${name}.api.md`);
  const same = existsSync(committed) && readFileSync(committed, 'utf8') === readFileSync(report, 'utf8');
  if (same) console.log(`ok      ${door} is as etc/${name}.api.md says`);
  else if (update) {
    mkdirSync(join(root, 'etc'), { recursive: true });
    copyFileSync(report, committed);
    console.log(`wrote   etc/${name}.api.md`);
  } else {
    console.error(
      `FAILED  ${door} differs from etc/${name}.api.md. If it is meant to: npm run api:update, and commit.`,
    );
    process.exitCode = 1;
  }
}

import { VERSION } from '../../version.js';
import { type Account, type AccountArgs, clientOf, findAccount } from '../account.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { verdictOn } from '../failure.js';
import { foreign } from '../foreign.js';
import { mask } from '../mask.js';
import type { Output } from '../output.js';
import type { Finding } from './finding.js';
import { lookAtSocket } from './socket-check.js';

const OLDEST_NODE = 20;
/** What the service's receivers of signatures still forgive is ten times as much. */
const SKEW_WORTH_A_WORD_MS = 30_000;

/** `agentchat doctor` */
export async function runDoctor(args: AccountArgs, out: Output): Promise<ExitCode> {
  const findings: Finding[] = [];
  const found = (finding: Finding) => {
    findings.push(finding);
    if (!out.isJson) out.data(finding, lineOf(finding, out));
  };
  found(runtime());
  try {
    const account = await findAccount(args);
    found({ what: 'key', state: 'ok', words: `${mask(account.apiKey)} from ${account.source}` });
    found({ what: 'address', state: 'ok', words: account.baseUrl });
    const isReached = await lookAtRest(account, found);
    if (isReached) for (const finding of await lookAtSocket(account)) found(finding);
  } catch (error) {
    const { message, exitCode } = verdictOn(error);
    found({ what: 'key', state: 'failed', words: message, exitCode });
  }
  const first = findings.find(({ state }) => state === 'failed');
  if (out.isJson) out.data({ ok: first === undefined, findings }, '');
  return first === undefined ? EXIT.ok : (first.exitCode ?? EXIT.failed);
}

function runtime(): Finding {
  const { node } = process.versions;
  const words = `Node ${node} on ${process.platform}-${process.arch}, agentchat-client ${VERSION}`;
  const isNew = Number(node.split('.')[0]) >= OLDEST_NODE;
  return {
    what: 'runtime',
    state: isNew ? 'ok' : 'failed',
    words: isNew ? words : `${words}: Node ${OLDEST_NODE} or newer is needed`,
  };
}

/** One round trip over HTTP: how long it takes, who we are, and what time it is there. Says whether there was an answer. */
async function lookAtRest(account: Account, found: (finding: Finding) => void): Promise<boolean> {
  const startedAt = performance.now();
  let date: string | null = null;
  try {
    const me = await clientOf(account).getMe({
      onResponse: ({ headers }) => {
        date = headers.get('date');
      },
    });
    const ms = Math.round(performance.now() - startedAt);
    found({ what: 'http', state: 'ok', words: `round trip in ${ms} ms` });
    found(standing(me));
    found(clock(date, ms));
    return true;
  } catch (error) {
    const { message, exitCode } = verdictOn(error);
    found({ what: 'http', state: 'failed', words: message, exitCode });
    return false;
  }
}

function standing(me: { handle: string; status: string; paused_by_owner?: string }): Finding {
  const paused =
    (me.paused_by_owner ?? 'none') === 'none' ? '' : `, paused by its owner (${me.paused_by_owner})`;
  const isWell = me.status === 'active' && paused === '';
  return { what: 'agent', state: isWell ? 'ok' : 'warning', words: `${me.handle} is ${me.status}${paused}` };
}

/** A `Date` has whole seconds, and was written somewhere within the round trip. */
function clock(date: string | null, ms: number): Finding {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs))
    return { what: 'clock', state: 'warning', words: 'the service does not say what time it is' };
  const ahead = Date.now() - ms / 2 - (theirs + 500);
  const isNear = Math.abs(ahead) < SKEW_WORTH_A_WORD_MS;
  const offset = `${(Math.abs(ahead) / 1_000).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} the service`;
  return {
    what: 'clock',
    state: isNear ? 'ok' : 'warning',
    words: isNear ? offset : `${offset}: correct the clock of this machine`,
  };
}

function lineOf({ what, state, words }: Finding, { color }: Output): string {
  const paint = { ok: color.green, warning: color.yellow, failed: color.red }[state];
  return `${paint(state.padEnd(7))}  ${what.padEnd(8)}  ${foreign(words)}`;
}

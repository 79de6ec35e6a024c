import { readDate } from '../wire/index.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** When a message was sent, and how long ago that is; nothing for what is no time. */
export function sentLine(createdAt: string, now: number): string | undefined {
  const at = readDate(createdAt);
  if (Number.isNaN(at)) return undefined;
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  const age = ageOf(now - at);
  return age === undefined ? `Sent: ${time}` : `Sent: ${time} (${age})`;
}

/** Nothing for what lies ahead: then one of the two clocks is wrong, and the age would be as well. */
function ageOf(ms: number): string | undefined {
  if (!Number.isFinite(ms) || ms <= -MINUTE) return undefined;
  if (ms < MINUTE) return 'just now';
  if (ms < HOUR) return ago(ms / MINUTE, 'minute');
  if (ms < DAY) return ago(ms / HOUR, 'hour');
  return ago(ms / DAY, 'day');
}

function ago(amount: number, unit: string): string {
  const whole = Math.floor(amount);
  return `${whole} ${unit}${whole === 1 ? '' : 's'} ago`;
}

import { EXIT } from '../exit-code.js';
import { Failure } from '../failure.js';
import { fileOrStdin } from '../files.js';
import type { Hook } from '../webhook/post.js';

/**
 * The events in a file: one, or one a line. Each may be a webhook's body, a frame of `agentchat tail --json`, or a bare message.
 *
 * @throws Failure that names the line.
 */
export async function hooksIn(path: string): Promise<Hook[]> {
  const text = (await fileOrStdin(path)).toString('utf8');
  const whole = parsed(text);
  const values = whole === undefined ? linesOf(text, path) : [whole];
  if (values.length === 0) throw new Failure(`${path} is empty.`, EXIT.usage);
  return values.map((value, at) => {
    const hook = hookOf(value);
    if (hook !== undefined) return hook;
    throw new Failure(`Line ${at + 1} of ${path} is neither an event nor a message.`, EXIT.usage);
  });
}

function linesOf(text: string, path: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, at) => {
      const value = parsed(line);
      if (value !== undefined) return value;
      throw new Failure(`Line ${at + 1} of ${path} is not JSON.`, EXIT.usage);
    });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hookOf(value: unknown): Hook | undefined {
  const { event, type, timestamp, data, payload, id, conversation_id } = (value ?? {}) as Record<
    string,
    unknown
  >;
  const now = new Date().toISOString();
  if (typeof event === 'string' && isObject(data)) {
    return { event, timestamp: typeof timestamp === 'string' ? timestamp : now, data };
  }
  if (typeof type === 'string' && isObject(payload)) return { event: type, timestamp: now, data: payload };
  if (typeof id === 'string' && typeof conversation_id === 'string') {
    return { event: 'message.new', timestamp: now, data: value };
  }
  return undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

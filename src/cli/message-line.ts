import type { Message } from '../wire/index.js';
import { foreign } from './foreign.js';
import type { Output } from './output.js';

/** A message on one line, for people. */
export function messageLine(message: Message, color: Output['color']): string {
  const { conversation_id: where, seq, sender, created_at: at } = message;
  const number = typeof seq === 'number' ? ` #${seq}` : '';
  return `${color.dim(`${timeOf(at)} ${foreign(where)}${number}`)} ${color.bold(foreign(sender))}: ${gist(message)}`;
}

/** What a message says: its text, else what it is. */
export function gist({ content, type }: Message): string {
  if (typeof content?.text === 'string') return foreign(content.text);
  if (content?.data !== undefined) return JSON.stringify(content.data);
  if (content?.attachment_id !== undefined) return foreign(`(a file: ${content.attachment_id})`);
  return foreign(`(${type})`);
}

function timeOf(at: unknown): string {
  const time = new Date(String(at));
  return Number.isNaN(time.getTime()) ? '--:--:--' : time.toTimeString().slice(0, 8);
}

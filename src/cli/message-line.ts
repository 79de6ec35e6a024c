import type { Message } from '../wire/index.js';
import type { Output } from './output.js';

/** A message on one line, for people. */
export function messageLine(message: Message, color: Output['color']): string {
  const { conversation_id: where, seq, sender, created_at: at } = message;
  const number = typeof seq === 'number' ? ` #${seq}` : '';
  return `${color.dim(`${timeOf(at)} ${where}${number}`)} ${color.bold(sender)}: ${gist(message)}`;
}

/** What a message says: its text, else what it is. */
export function gist({ content, type }: Message): string {
  if (typeof content?.text === 'string') return content.text;
  if (content?.data !== undefined) return JSON.stringify(content.data);
  if (content?.attachment_id !== undefined) return `(a file: ${content.attachment_id})`;
  return `(${type})`;
}

function timeOf(at: unknown): string {
  const time = new Date(String(at));
  return Number.isNaN(time.getTime()) ? '--:--:--' : time.toTimeString().slice(0, 8);
}

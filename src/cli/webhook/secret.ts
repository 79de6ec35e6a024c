import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from '../../credentials/index.js';
import { readEnvironment } from '../../http/index.js';
import { userHome } from '../account.js';
import { Failure } from '../failure.js';

/**
 * What webhooks from here are signed with: what was typed, else `AGENTCHAT_WEBHOOK_SECRET`, else a secret of this user, which is
 * made once and stays: a receiver is told it a single time.
 */
export async function signingSecret(typed: string | undefined): Promise<string> {
  return typed ?? readEnvironment('AGENTCHAT_WEBHOOK_SECRET') ?? (await secretOfUser());
}

async function secretOfUser(): Promise<string> {
  const path = join(await userHome(), 'webhook-secret');
  const held = (await readFile(path, 'utf8').catch(() => '')).trim();
  if (/^whsec_[A-Za-z0-9_-]{16,}$/.test(held)) return held;
  // Another one would make receivers refuse what they have been told to accept.
  if (held !== '') throw new Failure(`${path} does not hold a secret (whsec_...). Mend it, or remove it.`);
  const secret = `whsec_${randomBytes(24).toString('base64url')}`;
  await writePrivately(path, `${secret}\n`);
  return secret;
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLocalServer } from '../../../src/local-server/index.js';
import { withFolder } from './folders.js';

describe('no key stands in a data folder or an export', () => {
  it('also not in an answer that is remembered', () =>
    withFolder(async (folder) => {
      const server = await startLocalServer({ agents: ['alice'] });
      try {
        const file = join(folder, 'export.jsonl');
        const post = async (path: string, key: string, body: unknown) => {
          const response = await fetch(server.url + path, {
            method: 'POST',
            headers: {
              authorization: `Bearer ${server.seeded[0]?.apiKey}`,
              'content-type': 'application/json',
              'idempotency-key': key,
            },
            body: JSON.stringify(body),
          });
          return (await response.json()) as Record<string, string>;
        };
        const register = { email: 'dora@example.com', handle: 'dora' };
        const started = await post('/v1/register', 'registers-dora', register);
        const registration = started.pending_id ?? '';
        const made = await post('/v1/register/verify', 'verifies-dora', {
          pending_id: registration,
          code: server.oneTimeCode(registration),
        });
        const rotating = await post('/v1/agents/alice/rotate-key', 'rotates-alice', {});
        const rotation = rotating.pending_id ?? '';
        const rotated = await post('/v1/agents/alice/rotate-key/verify', 'verifies-alice', {
          pending_id: rotation,
          code: server.oneTimeCode(rotation),
        });
        await server.exportTo(file);
        const text = await readFile(file, 'utf8');
        for (const { api_key } of [made, rotated]) {
          expect(api_key).toMatch(/^ac_live_/);
          expect(text).not.toContain(api_key);
        }
      } finally {
        await server.close();
      }
    }));
});

import { describe, expect, it } from 'vitest';
import {
  ForbiddenError,
  NotFoundError,
  SuspendedError,
  UnauthorizedError,
  ValidationError,
} from '../../src/errors/index.js';
import type { AvatarImage } from '../../src/rest/index.js';
import type { UpdateAgentRequest } from '../../src/wire/index.js';
import { caught, onStage } from './kit.js';

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);
const GIF = new TextEncoder().encode('GIF89a and so on');

describe('profiles', () => {
  it('are read by everybody, however the handle is spelt', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      server.createAgent('bob', { displayName: 'Bob' });
      expect(await alice.getAgent(' @BOB ')).toMatchObject({ handle: 'bob', display_name: 'Bob' });
      expect(await alice.getMe()).toMatchObject({ handle: 'alice', settings: { inbox_mode: 'open' } });
      const missing = await caught(alice.getAgent('nobody-here'));
      expect(missing).toBeInstanceOf(NotFoundError);
      expect(missing).toMatchObject({ code: 'AGENT_NOT_FOUND' });
    }));

  it('of others are read without the key', () =>
    onStage({}, async ({ client }) => {
      const seen: (string | undefined)[] = [];
      const alice = client('alice', {
        hooks: { onRequest: ({ headers }) => void seen.push(headers.Authorization) },
      });
      await alice.getAgent('alice');
      expect(seen).toEqual([undefined]);
    }));

  it('are changed by their agent, in part', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const changed = await alice.updateAgent('@Alice', {
        display_name: 'Alice',
        description: 'Knows things',
      });
      expect(changed).toMatchObject({ display_name: 'Alice', description: 'Knows things' });
      await alice.updateAgent('alice', { settings: { inbox_mode: 'contacts_only' } });
      expect(await alice.getMe()).toMatchObject({
        display_name: 'Alice',
        settings: { inbox_mode: 'contacts_only', group_invite_policy: 'open' },
      });
      expect(await client('bob').getAgent('alice')).toMatchObject({ display_name: 'Alice' });
    }));

  it("of others cannot be changed, nor one's own to what there is not", () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      client('bob');
      expect(await caught(alice.updateAgent('bob', { display_name: 'Eve' }))).toBeInstanceOf(ForbiddenError);
      const error = await caught(
        alice.updateAgent('alice', { settings: { inbox_mode: 'closed' as 'open' } }),
      );
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ status: 400, field: 'settings.inbox_mode' });
    }));

  it.each<[string, string, unknown, string]>([
    ['no change', 'alice', {}, 'changes'],
    ['a field that is no part of it', 'alice', { status: 'active' }, 'status'],
    ['a setting that was removed', 'alice', { settings: { discoverable: true } }, 'discoverable'],
    ['null', 'alice', { display_name: null }, 'display_name'],
    ['no object', 'alice', 'Alice', 'options'],
    ['a group', 'grp_BPF4BzPS9l6zwS9V', { display_name: 'x' }, 'handle'],
    ['"me"', 'me', { display_name: 'x' }, 'handle'],
    ['no handle', ' @ ', { display_name: 'x' }, 'handle'],
  ])('refuse %s before the network', (_, handle, changes, field) =>
    onStage({}, async ({ client }) => {
      const error = await caught(client('alice').updateAgent(handle, changes as UpdateAgentRequest));
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ field, outcome: 'not_sent' });
    }),
  );

  it('of a suspended agent stay as they are', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      server.setStatus('alice', 'suspended');
      expect(await caught(alice.updateAgent('alice', { display_name: 'A' }))).toBeInstanceOf(SuspendedError);
      expect((await alice.getMe()).status).toBe('suspended');
    }));

  it('are gone with their agent, whose handle nobody gets again', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      const bob = client('bob');
      expect(await caught(bob.deleteAgent('alice'))).toBeInstanceOf(ForbiddenError);
      expect(await alice.deleteAgent('alice')).toBeUndefined();
      expect(await caught(alice.getMe())).toBeInstanceOf(UnauthorizedError);
      expect(await caught(bob.getAgent('alice'))).toBeInstanceOf(NotFoundError);
      expect(() => server.createAgent('alice')).toThrow(/taken/);
    }));
});

describe('avatars', () => {
  const forms: [string, (bytes: Uint8Array<ArrayBuffer>) => AvatarImage][] = [
    ['bytes', (bytes) => bytes],
    ['a Buffer', (bytes) => Buffer.from(bytes)],
    ['an ArrayBuffer', (bytes) => bytes.slice().buffer],
    ['a Blob', (bytes) => new Blob([bytes], { type: 'image/png' })],
  ];
  it.each(forms)('are set from %s, shown, and removed', (_, make) =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const { avatar_key, avatar_url } = await alice.setAvatar('alice', make(PNG));
      expect(avatar_key).not.toBe('');
      expect((await alice.getMe()).avatar_url).toBe(avatar_url);
      const shown = await fetch(avatar_url);
      expect(shown.headers.get('content-type')).toBe('image/png');
      expect(new Uint8Array(await shown.arrayBuffer())).toEqual(PNG);
      expect(await alice.removeAvatar('alice')).toEqual({ ok: true });
      expect((await alice.getMe()).avatar_url).toBeNull();
      const none = await caught(alice.removeAvatar('alice'));
      expect(none).toBeInstanceOf(NotFoundError);
    }),
  );

  it('are judged by their bytes, and belong to their agent', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      client('bob');
      await alice.setAvatar('alice', GIF, { contentType: 'image/png' });
      const text = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
      expect(await caught(alice.setAvatar('alice', text))).toMatchObject({ status: 400 });
      expect(await caught(alice.setAvatar('bob', PNG))).toBeInstanceOf(ForbiddenError);
      expect(await caught(alice.removeAvatar('bob'))).toBeInstanceOf(ForbiddenError);
    }));

  it('are sent again as they were, whatever became of the array', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice', { retry: { baseDelayMs: 1 } });
      server.faults.next('restUnavailable', { endpoint: 'setAvatar', when: 'before' });
      const image = PNG.slice();
      const setting = alice.setAvatar('alice', image);
      image.fill(0);
      const { avatar_url } = await setting;
      expect(new Uint8Array(await (await fetch(avatar_url)).arrayBuffer())).toEqual(PNG);
    }));

  it.each<[string, unknown]>([
    ['a path', 'me.png'],
    ['nothing', undefined],
    ['no bytes', new Uint8Array(0)],
    ['too many bytes', new Uint8Array(5 * 1024 * 1024 + 1)],
    ['too large a blob', new Blob([new Uint8Array(5 * 1024 * 1024 + 1)])],
  ])('refuse %s before the network', (_, image) =>
    onStage({}, async ({ client }) => {
      const error = await caught(client('alice').setAvatar('alice', image as AvatarImage));
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ field: 'image', outcome: 'not_sent' });
    }),
  );
});

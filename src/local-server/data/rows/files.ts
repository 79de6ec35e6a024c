import * as v from 'valibot';
import type { Attachment } from '../../state/attachments.js';
import { type Picture, pictureOf } from '../../state/pictures.js';
import type { Ticket } from '../../storage/tickets.js';
import { found, plainTableOf, RowProblem, type Table, tableOf } from './table.js';

const base64 = v.pipe(
  v.string(),
  v.check((text) => Buffer.from(text, 'base64').toString('base64') === text, 'must be base64'),
);

export const pictures: Table<Picture> = tableOf({
  schema: v.object({ bytes: base64 }),
  keyOf: ({ key }) => key,
  rowOf: ({ bytes }) => ({ bytes: Buffer.from(bytes).toString('base64') }),
  restore(world, row) {
    const picture = pictureOf(Buffer.from(row.bytes, 'base64'));
    if (picture === undefined) throw new RowProblem('"bytes" should be a JPEG, PNG, WebP or GIF');
    world.pictures.restore(picture);
  },
  all: (world) => world.pictures.all(),
});

export const attachments: Table<Attachment> = tableOf({
  schema: v.object({
    id: v.string(),
    uploader: v.string(),
    audience: v.variant('kind', [
      v.object({ kind: v.literal('agent'), handle: v.string() }),
      v.object({ kind: v.literal('conversation'), conversation: v.string() }),
    ]),
    filename: v.string(),
    contentType: v.string(),
    size: v.number(),
    sha256: v.string(),
    bytes: v.nullable(base64),
  }),
  keyOf: ({ id }) => id,
  rowOf: ({ audience, bytes, ...facts }) => ({
    ...facts,
    audience:
      audience.kind === 'agent'
        ? audience
        : { kind: 'conversation' as const, conversation: audience.conversation.id },
    bytes: bytes?.toString('base64') ?? null,
  }),
  restore(world, { audience, bytes, ...facts }) {
    world.attachments.restore({
      ...facts,
      audience:
        audience.kind === 'agent'
          ? audience
          : {
              kind: 'conversation',
              conversation: found(world.conversations.byId(audience.conversation), 'a conversation'),
            },
      bytes: bytes === null ? undefined : Buffer.from(bytes, 'base64'),
    });
  },
  all: (world) => world.attachments.all(),
});

export const tickets: Table<Ticket> = plainTableOf({
  schema: v.object({
    token: v.string(),
    use: v.picklist(['put', 'get']),
    attachmentId: v.string(),
    expiresAt: v.number(),
  }),
  keyOf: ({ token }) => token,
  restore: (world, row) => world.tickets.restore(row),
  all: (world) => world.tickets.all(),
});

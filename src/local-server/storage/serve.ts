import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ErrorCode } from '../../wire/index.js';
import { readBytes } from '../http/body.js';
import { failure, ok, type Reply } from '../http/reply.js';
import type { Attachment } from '../state/attachments.js';
import { PICTURES_PATH } from '../state/pictures.js';
import type { World } from '../state/world.js';
import { FILES_PATH } from './tickets.js';

/** Pictures are named after what they show, so they never change. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Plays the storage to which the service sends its clients for bytes. It knows no API keys, only addresses that were signed;
 * a request that carries a key all the same is refused, because a real storage would have got to see it.
 */
export async function serveStored(
  world: World,
  request: IncomingMessage,
  pathname: string,
  search: string,
): Promise<Reply | 'hang_up'> {
  if (request.headers.authorization !== undefined) {
    return failure(
      400,
      ErrorCode.VALIDATION_ERROR,
      'The API key has no business here: send no Authorization.',
    );
  }
  const { method } = request;
  if (pathname.startsWith(PICTURES_PATH) && method === 'GET') {
    return picture(world, pathname.slice(PICTURES_PATH.length));
  }
  const id = pathname.startsWith(FILES_PATH) ? pathname.slice(FILES_PATH.length) : '';
  const attachment = world.attachments.byId(id);
  const use = method === 'PUT' ? 'put' : method === 'GET' ? 'get' : undefined;
  if (attachment === undefined || use === undefined) return nothingThere();
  const token = new URLSearchParams(search).get('signature') ?? '';
  if (!world.tickets.use(token, use, id, world.now())) {
    return failure(
      403,
      ErrorCode.FORBIDDEN,
      'The address has expired, was used before, or is for something else.',
    );
  }
  return use === 'put' ? receive(world, attachment, request) : hand(attachment);
}

function picture(world: World, key: string): Reply {
  const found = world.pictures.byKey(key);
  if (found === undefined) return nothingThere();
  const headers = { 'content-type': found.contentType, 'cache-control': FOR_EVER };
  return { status: 200, body: found.bytes, headers };
}

async function receive(
  world: World,
  attachment: Attachment,
  request: IncomingMessage,
): Promise<Reply | 'hang_up'> {
  const body = await readBytes(request, attachment.size);
  if (body.kind === 'aborted') return 'hang_up';
  if (body.kind !== 'bytes')
    return failure(413, ErrorCode.PAYLOAD_TOO_LARGE, 'More bytes than were announced.');
  const { bytes } = body;
  if (bytes.length !== attachment.size)
    return mismatch(`${bytes.length} bytes instead of ${attachment.size}`);
  if (createHash('sha256').update(bytes).digest('hex') !== attachment.sha256)
    return mismatch('another SHA-256');
  world.attachments.receive(attachment, bytes);
  return ok({});
}

function hand({ bytes, contentType, filename, sha256 }: Attachment): Reply {
  if (bytes === undefined) return nothingThere();
  const digest = Buffer.from(sha256, 'hex').toString('base64');
  return {
    status: 200,
    body: bytes,
    headers: {
      'content-type': contentType,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename.replace(/\p{Surrogate}/gu, '_'))}`,
      'repr-digest': `sha-256=:${digest}:`,
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    },
  };
}

function mismatch(what: string): Reply {
  return failure(400, ErrorCode.VALIDATION_ERROR, `The bytes are not the announced ones: ${what}.`);
}

function nothingThere(): Reply {
  return failure(404, ErrorCode.NOT_FOUND, 'There is nothing at this address.');
}

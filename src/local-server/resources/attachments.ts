import {
  type CreateUploadRequest,
  type CreateUploadResponse,
  ErrorCode,
  normalizeHandle,
} from '../../wire/index.js';
import { accessTo } from '../actions/groups.js';
import { refusalToWrite } from '../actions/send.js';
import { agentNotFound, failure, found, invalid, type Reply } from '../http/reply.js';
import { type Audience, mayDownload } from '../state/attachments.js';
import { PUT_TICKET_MS } from '../storage/tickets.js';
import type { AgentCall, Resource } from './resource.js';

export const createUpload: Resource<'createUpload'> = {
  admit: refusalToWrite,
  handle(call) {
    const { world, caller, origin } = call;
    const request = call.body as CreateUploadRequest;
    const audience = audienceOf(call, request);
    if (audience.kind === 'refused') return audience.reply;
    const { filename, content_type: contentType, size, sha256 } = request;
    const { id } = world.attachments.announce({
      uploader: caller.handle,
      audience: audience.audience,
      filename,
      contentType,
      size,
      sha256,
    });
    const response: CreateUploadResponse = {
      attachment_id: id,
      upload_url: world.tickets.address(origin, 'put', id, world.now()),
      expires_in: PUT_TICKET_MS / 1_000,
    };
    return { status: 201, body: response };
  },
};

export const getAttachmentDownloadUrl: Resource<'getAttachmentDownloadUrl'> = {
  handle({ world, caller, params, origin }) {
    const attachment = world.attachments.byId(params.attachment_id ?? '');
    if (attachment?.bytes === undefined || !mayDownload(attachment, caller.handle)) {
      return failure(404, ErrorCode.NOT_FOUND, 'There is no such attachment, or it is not for you.');
    }
    return found(world.tickets.address(origin, 'get', attachment.id, world.now()));
  },
};

/** Who will be able to download. Whether the service takes a file for nobody is not known; here it would be lost. */
function audienceOf(
  { world, caller }: AgentCall,
  { to, conversation_id }: CreateUploadRequest,
):
  | { readonly kind: 'known'; readonly audience: Audience }
  | { readonly kind: 'refused'; readonly reply: Reply } {
  if (to !== undefined) {
    const handle = normalizeHandle(to);
    if (world.agents.byHandle(handle) === undefined) return { kind: 'refused', reply: agentNotFound() };
    return { kind: 'known', audience: { kind: 'agent', handle } };
  }
  if (conversation_id === undefined) {
    return { kind: 'refused', reply: invalid({ to: ['must say who may download the file'] }) };
  }
  const access = accessTo(world, caller, conversation_id);
  if (access.kind === 'refused') return access;
  const { conversation } = access.membership;
  return { kind: 'known', audience: { kind: 'conversation', conversation } };
}

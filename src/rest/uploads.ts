import {
  type CallOptions,
  checkCallOptions,
  checkFunction,
  detectRuntime,
  invalid,
  tell,
} from '../http/index.js';
import type { CreateUploadRequest, CreateUploadResponse } from '../wire/index.js';
import { expectField } from './answers.js';
import { handleArgument, splitOptions } from './arguments.js';
import { newClientMsgId } from './client-msg-id.js';
import { type FileBytes, prepareFile } from './file.js';
import { Methods } from './methods.js';
import { inSteps } from './steps.js';
import { signedAddress, storageError, storageTimeoutMs } from './storage.js';

/** A file, and who may download it: exactly one of `to` and `conversation_id`. */
export interface UploadAttachmentOptions extends CallOptions {
  /** The handle of who gets it. */
  to?: string | undefined;
  /** The group that gets it. */
  conversation_id?: string | undefined;
  /** 1 byte to 25 MiB. */
  file: FileBytes;
  /** 1 to 255 characters. Default: the name of a `File`. */
  filename?: string | undefined;
  /** One of {@link ALLOWED_ATTACHMENT_MIME}. Default: the type of a `Blob`. */
  contentType?: string | undefined;
  /**
   * Told how many bytes have been sent, of how many: 0 when the sending begins, on each attempt anew, and all of them when
   * they have arrived. In between on Node only. What it throws is ignored.
   */
  onProgress?: ((sentBytes: number, totalBytes: number) => void) | undefined;
}

const OWN_NAMES = ['to', 'conversation_id', 'file', 'filename', 'contentType', 'onProgress'] as const;
const LABEL = 'uploadAttachment';
/** Bytes that are handed to the socket at a time when somebody watches. */
const PORTION_BYTES = 64 * 1024;

type Upload = Omit<UploadAttachmentOptions, keyof CallOptions>;

/** Files that go with messages. */
export abstract class UploadMethods extends Methods {
  /**
   * Uploads a file: hashes it, asks the service for a place, and puts the bytes there, without the API key. Send the id in
   * a message then. `deadlineMs` is for all of it; an attempt to put the bytes takes 30 s and what they take at 128 KiB a
   * second, unless `timeoutMs` says otherwise.
   *
   * @returns The id of the attachment.
   * @throws ValidationError naming `to`, `file` (1 byte to 25 MiB), `filename` or `contentType`, before anything is sent;
   * `NotFoundError`, `GroupDeletedError`.
   * @example
   * const file = await readFile('harvest.pdf');
   * const attachment_id = await client.uploadAttachment({
   *   to: 'alice', file, filename: 'harvest.pdf', contentType: 'application/pdf',
   * });
   * await client.sendMessage({ to: 'alice', type: 'file', content: { attachment_id, text: 'The harvest' } });
   */
  async uploadAttachment(options: UploadAttachmentOptions, callOptions: CallOptions = {}): Promise<string> {
    const { query, call } = splitOptions(options, callOptions, OWN_NAMES, LABEL);
    const audience = audienceOf(query);
    checkCallOptions(call);
    checkFunction(query.onProgress, 'onProgress');
    return inSteps(this.transport, LABEL, call, (each) => upload(this, query, audience, each));
  }

  /**
   * Asks for a place to put a file yourself: PUT the bytes to `upload_url`, without the API key, within `expires_in`
   * seconds. {@link uploadAttachment} does all of that.
   */
  async createUpload(request: CreateUploadRequest, options: CallOptions = {}): Promise<CreateUploadResponse> {
    const response = await this.transport.call('createUpload', { body: request }, options);
    expectField<CreateUploadResponse>(response, 'createUpload', 'attachment_id');
    return expectField<CreateUploadResponse>(response, 'createUpload', 'upload_url');
  }
}

async function upload(
  client: UploadMethods,
  { file, filename, contentType, onProgress }: Upload,
  audience: Pick<CreateUploadRequest, 'to' | 'conversation_id'>,
  call: CallOptions,
): Promise<string> {
  const prepared = await prepareFile(file, filename, contentType);
  const { bytes, sha256 } = prepared;
  const size = bytes.byteLength;
  const request: CreateUploadRequest = {
    ...audience,
    filename: prepared.filename,
    content_type: prepared.contentType,
    size,
    sha256,
  };
  const { transport } = client;
  const { idempotencyKey = newClientMsgId(), ...others } = call;
  const place = await client.createUpload(request, { ...others, idempotencyKey });
  const report = (sent: number) =>
    tell(onProgress === undefined ? undefined : (bytesSent: number) => onProgress(bytesSent, size), sent);
  const url = signedAddress(transport, 'createUpload', place.upload_url);
  const body = onProgress === undefined || !canStream() ? bytes : () => streamOf(bytes, report);
  const put = transport.request('PUT', url, {
    ...others,
    timeoutMs: others.timeoutMs ?? storageTimeoutMs(transport, size),
    auth: 'none',
    body,
    // A storage takes no body of unknown length.
    headers: { 'Content-Type': prepared.contentType, 'Content-Length': String(size) },
    // What a storage answers is its own affair, and no JSON as a rule.
    read: 'bytes',
  });
  await put.catch((error: unknown) => {
    throw storageError(error, LABEL);
  });
  report(size);
  return place.attachment_id;
}

/** Browsers send streams over few connections only, and none with a length. */
function canStream(): boolean {
  return detectRuntime().startsWith('node/');
}

/** The bytes in portions, each of which is reported when the socket has taken the one before. */
function streamOf(
  bytes: Uint8Array<ArrayBuffer>,
  report: (sent: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = 0;
  return new ReadableStream(
    {
      pull(controller) {
        report(sent);
        const portion = bytes.subarray(sent, sent + PORTION_BYTES);
        sent += portion.byteLength;
        controller.enqueue(portion);
        if (sent >= bytes.byteLength) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** @throws ValidationError naming the address. */
function audienceOf({ to, conversation_id }: Upload): Pick<CreateUploadRequest, 'to' | 'conversation_id'> {
  if ((to === undefined) === (conversation_id === undefined)) {
    throw invalid(
      'to',
      'uploadAttachment: say who may download the file: `to` (a handle) or `conversation_id` (a group), one of the two',
    );
  }
  if (to !== undefined) return { to: handleArgument(to, 'to') };
  return { conversation_id };
}

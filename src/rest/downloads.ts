import { type AgentChatClientError, isAgentChatClientError, ProtocolError } from '../errors/index.js';
import {
  type CallOptions,
  checkCallOptions,
  checkFilled,
  checkFunction,
  checkInteger,
  type HttpResponse,
  invalid,
} from '../http/index.js';
import { MAX_ATTACHMENT_SIZE } from '../wire/index.js';
import { splitOptions } from './arguments.js';
import { sha256Of } from './file.js';
import { filenameOf, sha256In } from './file-headers.js';
import { Methods } from './methods.js';
import { inSteps } from './steps.js';
import { signedAddress, storageError, storageTimeoutMs } from './storage.js';

/** How an attachment is downloaded. */
export interface DownloadAttachmentOptions extends CallOptions {
  /** The SHA-256 that the bytes must have, as 64 hex digits, where the sender has told it. */
  sha256?: string | undefined;
  /** The largest file that is taken, in bytes. Default 26,214,400, the service's own limit; never more than the client's `maxBodyBytes`. */
  maxBytes?: number | undefined;
  /** Told how many bytes have come so far, on each attempt anew. What it throws is ignored. */
  onProgress?: ((receivedBytes: number) => void) | undefined;
}

/** An attachment that was downloaded. */
export interface DownloadedAttachment {
  bytes: Uint8Array<ArrayBuffer>;
  /** As the storage says; `null` when it does not. What the sender claimed, so do not trust it. */
  contentType: string | null;
  /** What the sender called it, without any folders; `null` when the storage does not say, or the browser does not show it. */
  filename: string | null;
  /** The hash of `bytes`, as 64 lower-case hex digits. */
  sha256: string;
  /** Whether there was a hash to compare with, from you or from the storage. The bytes fit it in that case. */
  verified: boolean;
}

type Download = Omit<DownloadAttachmentOptions, keyof CallOptions>;

const LABEL = 'downloadAttachment';
/** An address works once, so each try asks for another one. */
const TRIES = 3;

/** Files that came with messages. */
export abstract class DownloadMethods extends Methods {
  /**
   * Downloads an attachment: asks the service where it is, and fetches the bytes from there, without the API key. They are
   * compared with `sha256` when you pass it, else with what the storage says of them.
   *
   * @throws NotFoundError when it is not for you; `ProtocolError` when the bytes are not the ones that were uploaded, or
   * more than `maxBytes`; and in browsers, which do not show where a redirect leads: call {@link getAttachmentDownloadUrl} on a
   * server of your own there, and fetch from the address in the page.
   * @example
   * const { bytes, contentType } = await client.downloadAttachment(message.content.attachment_id);
   */
  async downloadAttachment(
    attachmentId: string,
    options: DownloadAttachmentOptions = {},
    callOptions: CallOptions = {},
  ): Promise<DownloadedAttachment> {
    checkFilled(attachmentId, 'attachmentId');
    const { query, call } = splitOptions(options, callOptions, ['sha256', 'maxBytes', 'onProgress'], LABEL);
    checkCallOptions(call);
    checkFunction(query.onProgress, 'onProgress');
    checkInteger(query.maxBytes, 'maxBytes', 1, Number.MAX_SAFE_INTEGER);
    const expected = checkSha256(query.sha256);
    const response = await inSteps(this.transport, LABEL, call, (each) =>
      download(this, attachmentId, query, each),
    );
    return verify(response, expected);
  }

  /**
   * Where an attachment is to be had, once and for a moment. Fetch it without the API key, and keep it to yourself: whoever
   * has the address has the file. {@link downloadAttachment} does all of that.
   *
   * @throws ProtocolError in browsers, which do not show where a redirect leads: call it on a server of your own.
   */
  async getAttachmentDownloadUrl(attachmentId: string, options: CallOptions = {}): Promise<string> {
    checkFilled(attachmentId, 'attachmentId');
    const key = 'getAttachmentDownloadUrl';
    const response = await this.transport.call(key, { params: { attachment_id: attachmentId } }, options);
    const location = response.headers.get('location');
    if (location !== null && location !== '') return signedAddress(this.transport, key, location);
    throw new ProtocolError({
      message: `${key}: the service answered ${response.status} without saying where the file is. Check "baseUrl".`,
      status: response.status,
      requestId: response.requestId,
      outcome: 'rejected',
      retryable: false,
    });
  }
}

async function download(
  client: DownloadMethods,
  attachmentId: string,
  { maxBytes = MAX_ATTACHMENT_SIZE, onProgress }: Download,
  call: CallOptions,
): Promise<HttpResponse<Uint8Array<ArrayBuffer>>> {
  for (let tried = 1; ; tried += 1) {
    const url = await client.getAttachmentDownloadUrl(attachmentId, call);
    try {
      return await client.transport.request<Uint8Array<ArrayBuffer>>('GET', url, {
        signal: call.signal,
        onResponse: call.onResponse,
        timeoutMs: call.timeoutMs ?? storageTimeoutMs(client.transport, maxBytes),
        deadlineMs: call.deadlineMs,
        auth: 'none',
        read: 'bytes',
        retry: 'never',
        maxBodyBytes: maxBytes,
        onProgress,
      });
    } catch (error) {
      if (tried === TRIES || !isAgentChatClientError(error) || !isWorthAnotherAddress(error)) {
        throw storageError(error, LABEL);
      }
    }
  }
}

/** The bytes broke off, or the address had run out. Who says "later" is not asked again at once. */
function isWorthAnotherAddress({ retryable, retryAfterMs, status }: AgentChatClientError): boolean {
  return retryAfterMs === null && (retryable || status === 403);
}

async function verify(
  { data, headers, status }: HttpResponse<Uint8Array<ArrayBuffer> | undefined>,
  expected: string | undefined,
): Promise<DownloadedAttachment> {
  const bytes = data ?? new Uint8Array(0);
  const sha256 = await sha256Of(bytes);
  const known = expected ?? sha256In(headers);
  if (known !== undefined && known !== sha256) {
    throw new ProtocolError({
      message: `${LABEL}: the ${bytes.byteLength} bytes that came are not the ones that were uploaded: their SHA-256 differs.`,
      status,
      outcome: 'rejected',
      retryable: false,
    });
  }
  const contentType = headers.get('content-type');
  return { bytes, contentType, filename: filenameOf(headers), sha256, verified: known !== undefined };
}

function checkSha256(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  throw invalid('sha256', '"sha256" must be 64 hex digits');
}

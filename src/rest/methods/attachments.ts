import type { CallOptions } from '../../http/index.js';
import type { CreateUploadRequest, CreateUploadResponse } from '../../wire/index.js';
import {
  type DownloadAttachmentOptions,
  type DownloadedAttachment,
  downloadAttachment,
  getAttachmentDownloadUrl,
} from '../downloads.js';
import { createUpload, type UploadAttachmentOptions, uploadAttachment } from '../uploads.js';
import { DirectoryMethods } from './directory.js';

/** Files that go with messages. */
export abstract class AttachmentMethods extends DirectoryMethods {
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
  uploadAttachment(options: UploadAttachmentOptions, callOptions: CallOptions = {}): Promise<string> {
    return uploadAttachment(this.transport, options, callOptions);
  }

  /**
   * Downloads an attachment: asks the service where it is, and fetches the bytes from there, without the API key. They are
   * compared with `sha256` when you pass it, else with what the storage says of them.
   *
   * @throws NotFoundError when it is not for you; `ProtocolError` when the bytes are not the ones that were uploaded, or
   * more than `maxBytes`; and in browsers, which do not show where a redirect leads.
   * @example
   * const { bytes, contentType } = await client.downloadAttachment(message.content.attachment_id);
   */
  downloadAttachment(
    attachmentId: string,
    options: DownloadAttachmentOptions = {},
    callOptions: CallOptions = {},
  ): Promise<DownloadedAttachment> {
    return downloadAttachment(this.transport, attachmentId, options, callOptions);
  }

  /**
   * Where an attachment is to be had, once and for a moment. Fetch it without the API key, and keep it to yourself: whoever
   * has the address has the file. {@link downloadAttachment} does all of that.
   */
  getAttachmentDownloadUrl(attachmentId: string, options: CallOptions = {}): Promise<string> {
    return getAttachmentDownloadUrl(this.transport, attachmentId, options);
  }

  /**
   * Asks for a place to put a file yourself: PUT the bytes to `upload_url`, without the API key, within `expires_in`
   * seconds. {@link uploadAttachment} does all of that.
   */
  createUpload(request: CreateUploadRequest, options: CallOptions = {}): Promise<CreateUploadResponse> {
    return createUpload(this.transport, request, options);
  }
}

import type { ALLOWED_ATTACHMENT_MIME } from './limits.js';

/** What the service stores. Nothing else is accepted: no HTML, no SVG, no `application/octet-stream`. */
export type AttachmentMime = (typeof ALLOWED_ATTACHMENT_MIME)[number];

/** Asks for a place to put a file. `to` or `conversation_id` says who may download it. */
export interface CreateUploadRequest {
  to?: string | undefined;
  conversation_id?: string | undefined;
  /** 1 to 255 characters. */
  filename: string;
  content_type: AttachmentMime;
  /** Bytes, at most 26,214,400. */
  size: number;
  /** 64 lowercase hex digits. */
  sha256: string;
}

export interface CreateUploadResponse {
  attachment_id: string;
  /** PUT the bytes here, without the API key. */
  upload_url: string;
  /** Seconds. */
  expires_in: number;
}

import { invalid } from '../http/index.js';
import {
  ALLOWED_ATTACHMENT_MIME,
  ATTACHMENT_FILENAME_MAX_LENGTH,
  type AttachmentMime,
  MAX_ATTACHMENT_SIZE,
} from '../wire/index.js';
import { sha256Hex } from './sha256.js';

/** The bytes of a file. */
export type FileBytes = Uint8Array | ArrayBuffer | Blob;

/** A file that is ready to be sent, and sent again. */
export interface PreparedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly filename: string;
  readonly contentType: AttachmentMime;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

/**
 * Reads and hashes a file. Everything that can be known to be wrong is found before it is read.
 *
 * @param filename Default: the name of a `File`.
 * @param contentType Default: the type of a `Blob`.
 * @throws ValidationError naming `file`, `filename` or `contentType`.
 */
export async function prepareFile(
  file: FileBytes,
  filename: string | undefined,
  contentType: string | undefined,
): Promise<PreparedFile> {
  checkSize(sizeOf(file));
  const name = checkFilename(filename ?? (file as { name?: unknown }).name);
  const type = checkContentType(contentType ?? (isBlob(file) ? file.type : undefined));
  // Copied, so that every attempt sends what was hashed, whatever the caller does with its buffer meanwhile.
  const bytes = await copyOf(file);
  return { bytes, filename: name, contentType: type, sha256: await sha256Of(bytes) };
}

/** The SHA-256 of some bytes as 64 lower-case hex digits, by the platform where it has one. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { crypto } = globalThis as { crypto?: { subtle?: SubtleCrypto } };
  // Browsers offer it on https pages only.
  if (typeof crypto?.subtle?.digest !== 'function') return sha256Hex(bytes);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function isBlob(file: unknown): file is Blob {
  return typeof Blob !== 'undefined' && file instanceof Blob;
}

/** In bytes; `undefined` for what is no file. */
export function sizeOf(file: unknown): number | undefined {
  if (isBlob(file)) return file.size;
  return file instanceof Uint8Array || file instanceof ArrayBuffer ? file.byteLength : undefined;
}

/** A copy of the bytes, which the caller cannot change. */
export async function copyOf(file: FileBytes): Promise<Uint8Array<ArrayBuffer>> {
  if (isBlob(file)) return new Uint8Array(await file.arrayBuffer());
  return Uint8Array.from(file instanceof Uint8Array ? file : new Uint8Array(file));
}

function checkSize(size: number | undefined): void {
  if (size === undefined) {
    throw invalid(
      'file',
      '"file" must be a Uint8Array, an ArrayBuffer or a Blob: the bytes themselves, not a path',
    );
  }
  if (size === 0) throw invalid('file', '"file" holds no bytes');
  if (size > MAX_ATTACHMENT_SIZE) {
    throw invalid('file', `"file" is ${size} bytes large, of at most ${MAX_ATTACHMENT_SIZE}`);
  }
}

function checkFilename(name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '') {
    throw invalid('filename', '"filename" must be given: what the file is called for those who get it');
  }
  if (name.length > ATTACHMENT_FILENAME_MAX_LENGTH) {
    throw invalid(
      'filename',
      `"filename" has ${name.length} characters, of at most ${ATTACHMENT_FILENAME_MAX_LENGTH}`,
    );
  }
  return name;
}

/** Without parameters: the service knows `text/plain` and no `charset`. */
function checkContentType(type: unknown): AttachmentMime {
  const bare = typeof type === 'string' ? type.split(';', 1)[0]?.trim().toLowerCase() : undefined;
  const known = ALLOWED_ATTACHMENT_MIME.find((each) => each === bare);
  if (known !== undefined) return known;
  throw invalid('contentType', `"contentType" must be one of ${ALLOWED_ATTACHMENT_MIME.join(', ')}`);
}

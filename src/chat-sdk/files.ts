import { type AdapterPostableMessage, type Attachment, type FileUpload, NotImplementedError } from 'chat';
import type { AgentChatClient, FileBytes } from '../rest/index.js';
import type { AttachmentMime, Message } from '../wire/index.js';

/** A file of a post, ready to be uploaded. */
export interface OutgoingFile {
  readonly file: FileBytes;
  readonly filename: string;
  /** Whether it may be attached is for the upload to check. */
  readonly contentType: string | undefined;
}

/** Where the id of an attachment stands in what the SDK keeps of it. */
const ID = 'attachmentId';

/** The types that AgentChat takes, by the endings of their names. */
const TYPES: Readonly<Record<string, AttachmentMime>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  json: 'application/json',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  webm: 'video/webm',
};

/** Attachments, in both directions. */
export class Files {
  readonly #client: AgentChatClient;

  constructor(client: AgentChatClient) {
    this.#client = client;
  }

  /** The attachments of a message that has come. */
  of({ content }: Message): Attachment[] {
    const id: unknown = content?.attachment_id;
    return typeof id === 'string' && id !== '' ? [this.#attachment(id)] : [];
  }

  /** An attachment that the SDK has written down and read again: it can be fetched once more. */
  rehydrate(attachment: Attachment): Attachment {
    const id = attachment.fetchMetadata?.[ID];
    return id === undefined ? attachment : Object.assign(this.#attachment(id), attachment);
  }

  /**
   * A message names its attachment and says nothing else about it. Name, type and size are there once it has been fetched.
   */
  #attachment(id: string): Attachment {
    const attachment: Attachment = {
      type: 'file',
      fetchMetadata: { [ID]: id },
      fetchData: async () => {
        const { bytes, contentType, filename } = await this.#client.downloadAttachment(id);
        attachment.size = bytes.byteLength;
        if (filename !== null) attachment.name = filename;
        if (contentType !== null) {
          attachment.mimeType = contentType;
          attachment.type = kindOf(contentType);
        }
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      },
    };
    return attachment;
  }
}

/** The files of a post: `files` first, then `attachments`. */
export async function filesOf(message: AdapterPostableMessage): Promise<OutgoingFile[]> {
  if (typeof message === 'string') return [];
  const { files = [], attachments = [] } = message as { files?: FileUpload[]; attachments?: Attachment[] };
  const uploads = files.map(({ data, filename, mimeType }) => outgoing(data, filename, mimeType));
  return [...uploads, ...(await Promise.all(attachments.map(attached)))];
}

/** @throws NotImplementedError for an attachment that is nothing but an address. */
async function attached({ data, fetchData, name, mimeType, type }: Attachment): Promise<OutgoingFile> {
  const file = data ?? (await fetchData?.());
  if (file === undefined) {
    throw new NotImplementedError(
      'AgentChat attaches bytes, not addresses: give the attachment `data` or `fetchData`, or put its `url` into the text.',
      'attachments',
    );
  }
  return outgoing(file, name ?? type, mimeType);
}

function outgoing(file: FileBytes, filename: string, mimeType: string | undefined): OutgoingFile {
  const ending = filename.slice(filename.lastIndexOf('.') + 1).toLowerCase();
  return {
    file,
    filename,
    contentType: mimeType ?? (Object.hasOwn(TYPES, ending) ? TYPES[ending] : undefined),
  };
}

function kindOf(contentType: string): Attachment['type'] {
  const [kind] = contentType.split('/', 1);
  return kind === 'image' || kind === 'video' || kind === 'audio' ? kind : 'file';
}

import { BodyStream } from './body-stream.js';
import type { ByteQueue } from './byte-queue.js';
import type { UndiciHeaders } from './headers.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** Statuses whose answers have no body (RFC 9110, sections 15.2 to 15.4). */
const BODILESS: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** The head of an answer. */
export interface Head {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: UndiciHeaders;
}

/** An answer with all that a `Response` has. Not one of the platform's: making those costs more than the request. */
export class UndiciResponse implements Response {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** Nobody follows redirects here. */
  readonly redirected = false;
  readonly type = 'basic';
  readonly #body: BodyStream | null;

  constructor(head: Head, queue: ByteQueue) {
    this.url = head.url;
    this.status = head.status;
    this.statusText = head.statusText;
    this.headers = head.headers;
    this.#body = BODILESS.has(head.status) ? null : new BodyStream(queue);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get body(): ReadableStream<Bytes> | null {
    // Reading into buffers of the caller's is the one thing that it cannot do, and says so.
    return this.#body as unknown as ReadableStream<Bytes> | null;
  }

  get bodyUsed(): boolean {
    return this.#body?.disturbed ?? false;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async bytes(): Promise<Bytes> {
    if (this.#body === null) return new Uint8Array(0);
    const reader = this.#body.getReader();
    const chunks: Bytes[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.byteLength;
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes;
  }

  blob(): Promise<Blob> {
    return this.#own().then((response) => response.blob());
  }

  formData(): Promise<FormData> {
    return this.#own().then((response) => response.formData());
  }

  clone(): Response {
    if (this.bodyUsed) throw new TypeError('the body has been read already');
    const { status, statusText } = this;
    const [mine, theirs] = this.#body?.stream().tee() ?? [null, null];
    mine?.cancel().catch(() => {});
    return new Response(theirs, { status, statusText, headers: [...this.headers] });
  }

  async #own(): Promise<Response> {
    const { status, statusText } = this;
    const body = this.#body === null ? null : await this.bytes();
    return new Response(body, { status, statusText, headers: [...this.headers] });
  }
}

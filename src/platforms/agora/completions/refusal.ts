/** An error in the form of OpenAI. */
export interface CompletionError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** Why a request gets no completion: what is answered, and with which status. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: CompletionError;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    about: { type?: string; param?: string; code?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    const { type = 'invalid_request_error', param = null, code = null, headers = {} } = about;
    this.status = status;
    this.body = { error: { message, type, param, code } };
    this.headers = headers;
  }

  toResponse(): Response {
    return Response.json(this.body, { status: this.status, headers: this.headers });
  }
}

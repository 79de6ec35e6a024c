import { EXIT } from './exit-code.js';
import { Failure } from './failure.js';
import type { LocalService } from './local-service.js';

/** Operates a local service that runs in another process. */
export class ServiceControl {
  constructor(private readonly service: LocalService) {}

  /** @throws Failure with what the service says. */
  async call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const { url, token } = this.service;
    let response: Response;
    try {
      response = await fetch(`${url}/_local/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new Failure(`The local service at ${url} does not answer.`, EXIT.network);
    }
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (response.ok) return answer;
    const why = typeof answer.message === 'string' ? answer.message : `It answered ${response.status}.`;
    throw new Failure(why, response.status === 400 ? EXIT.usage : EXIT.refused);
  }
}

import { ProtocolError } from '../errors/index.js';
import type { HttpResponse } from '../http/index.js';
import type { EndpointKey, OkResponse, TextResponse } from '../wire/index.js';

// What the client itself relies on in an answer is checked by hand on every one, whatever `validate` says.

/** An answer that has to be an object. @throws ProtocolError otherwise. */
export function expectObject<T extends object>(response: HttpResponse<unknown>, key: EndpointKey): T {
  if (isObject(response.data)) return response.data as T;
  throw unexpected(response, key, 'an object');
}

/** An answer that has to be an array; its entries are not looked at. @throws ProtocolError otherwise. */
export function expectArray<T>(response: HttpResponse<unknown>, key: EndpointKey): T[] {
  if (Array.isArray(response.data)) return response.data;
  throw unexpected(response, key, 'an array');
}

/** An object with a string in a field that nothing goes on without. @throws ProtocolError otherwise. */
export function expectField<T extends object>(
  response: HttpResponse<unknown>,
  key: EndpointKey,
  field: string & keyof T,
): T {
  const data = expectObject<T>(response, key);
  const value: unknown = data[field];
  if (typeof value === 'string' && value !== '') return data;
  throw unexpected(response, key, `an object with a "${field}"`);
}

// The status has said that it is done. What else a service says about it is passed on, and no reason to call it a failure.

/** A sentence for people; empty when the service had none. */
export function readText({ data }: HttpResponse<unknown>): TextResponse {
  return isObject(data) ? { ...data, message: textIn(data.message) } : { message: textIn(data) };
}

/** That it is done. */
export function readOk({ data }: HttpResponse<unknown>): OkResponse {
  return { ok: true, ...(isObject(data) ? data : {}) };
}

/** The error for a success that says something else than it should. It names what came, and shows none of it. */
export function unexpected(response: HttpResponse<unknown>, key: EndpointKey, wanted: string): ProtocolError {
  const { status, requestId, headers, data } = response;
  return new ProtocolError({
    message: `${key}: the service answered ${status} with ${kindOf(data)} instead of ${wanted}. Check "baseUrl".`,
    status,
    requestId,
    details: { contentType: headers.get('content-type') },
    outcome: 'unknown',
    retryable: false,
  });
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(data: unknown): string {
  if (data === undefined) return 'an empty body';
  if (data === null) return 'null';
  if (Array.isArray(data)) return 'an array';
  return typeof data === 'object' ? 'another object' : `a ${typeof data}`;
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

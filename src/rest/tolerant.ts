import type { HttpResponse } from '../http/index.js';
import type { OkResponse, TextResponse } from '../wire/index.js';
import { isObject } from './expect.js';

// The status has said that it is done. What else a service says about it is passed on, and no reason to call it a failure.

/** A sentence for people; empty when the service had none. */
export function readText({ data }: HttpResponse<unknown>): TextResponse {
  return isObject(data) ? { ...data, message: textIn(data.message) } : { message: textIn(data) };
}

/** That it is done. */
export function readOk({ data }: HttpResponse<unknown>): OkResponse {
  return { ok: true, ...(isObject(data) ? data : {}) };
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

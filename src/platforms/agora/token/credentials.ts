import { invalid } from '../../../http/index.js';

const HEX_32 = /^[0-9a-f]{32}$/i;

/** @throws ValidationError when it is not 32 hex digits. */
export function checkAppId(appId: unknown): asserts appId is string {
  checkHex(appId, 'appId', 'Copy the App ID from the console.');
}

/** @throws ValidationError when it is not 32 hex digits. The message does not show it. */
export function checkAppCertificate(appCertificate: unknown): asserts appCertificate is string {
  checkHex(appCertificate, 'appCertificate', 'Copy the primary certificate of the app from the console.');
}

function checkHex(value: unknown, field: string, advice: string): void {
  if (typeof value === 'string' && HEX_32.test(value)) return;
  const is = value === undefined || value === null || value === '' ? 'is missing' : 'is something else';
  throw invalid(field, `"${field}" must be 32 hex digits, and ${is}. ${advice}`);
}

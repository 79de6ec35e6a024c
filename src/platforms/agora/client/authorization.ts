import { checkFilled, invalid } from '../../../http/index.js';
import type { TokenScope } from '../operations/token-scope.js';
import { checkAppCertificate } from '../token/credentials.js';
import { generateConvoAiToken } from '../token/tokens.js';

/** What lets requests in. Give one of the four: a certificate, a token, a customer, or a header. */
export interface AuthorizationOptions {
  /** 32 hex digits. Signs a fresh token for each request, and the tokens of channels. It is not sent. */
  readonly appCertificate?: string | undefined;
  /** A 007 token of yours. */
  readonly authToken?: string | undefined;
  /** The customer id of the REST API, with `customerSecret`. */
  readonly customerId?: string | undefined;
  readonly customerSecret?: string | undefined;
  /** The whole `Authorization` header, sent as it is. */
  readonly authorization?: string | undefined;
}

/** Lets requests in. */
export interface Authorization {
  /** What must be shown to nobody. */
  readonly secrets: readonly string[];
  headerFor(scope: TokenScope): string;
}

/**
 * The way in that the options name. A certificate may stand beside another one: then it signs the tokens of channels only.
 *
 * @throws ValidationError when there is none, or more than one, or half of one.
 */
export function authorizationOf(appId: string, options: AuthorizationOptions): Authorization {
  const { appCertificate, authToken, customerId, customerSecret, authorization } = options;
  const ways = { authToken, customerId: customerId ?? customerSecret, authorization };
  const given = Object.entries(ways).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length > 1) {
    throw invalid(given[1] ?? '', `"${given.join('" and "')}" exclude each other: pass one of them`);
  }
  const sealed = appCertificate === undefined ? [] : [appCertificate];
  if (authorization !== undefined) return fixed(authorization, 'authorization', authorization, sealed);
  if (authToken !== undefined) return fixed(authToken, 'authToken', `agora token=${authToken}`, sealed);
  if (ways.customerId !== undefined) {
    checkText(customerId, 'customerId');
    checkText(customerSecret, 'customerSecret');
    const pair = btoa(`${customerId}:${customerSecret}`);
    return fixed(customerSecret, 'customerSecret', `Basic ${pair}`, [...sealed, pair]);
  }
  if (appCertificate === undefined) {
    throw invalid(
      'appCertificate',
      'AgentClient needs a way in: pass "appCertificate", or "authToken", or "customerId" with "customerSecret", or "authorization"',
    );
  }
  checkAppCertificate(appCertificate);
  return {
    secrets: sealed,
    headerFor: ({ channel, account }) =>
      `agora token=${generateConvoAiToken({ appId, appCertificate, channelName: channel, account })}`,
  };
}

function fixed(secret: unknown, name: string, header: string, more: readonly string[]): Authorization {
  checkText(secret, name);
  return { secrets: [secret, ...more], headerFor: () => header };
}

/** A text that a header can hold. Its value is not shown. */
function checkText(value: unknown, name: string): asserts value is string {
  checkFilled(value, name);
  if (!/^[\x20-\x7e]+$/.test(value)) {
    throw invalid(name, `"${name}" must be plain ASCII without line breaks: was it copied whole?`);
  }
}

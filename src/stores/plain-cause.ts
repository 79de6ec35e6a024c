/**
 * A copy of a driver's error that is safe to pass on: its name, words, code and stack, and none of its other fields. On those
 * drivers hang connections, commands and addresses, passwords included.
 *
 * @param secrets What must not be read in it.
 */
export function plainCause(error: unknown, secrets: readonly string[] = []): Error & { code?: string } {
  const { name, message, stack, code, errors } = Object(error) as Record<string, unknown>;
  const hide = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  // An address with several IPs fails as a bundle of errors without words of its own.
  const words = message === '' && Array.isArray(errors) ? (errors[0] as Error | undefined)?.message : message;
  const copy: Error & { code?: string } = new Error(hide(typeof words === 'string' ? words : String(error)));
  if (typeof name === 'string') copy.name = name;
  if (typeof stack === 'string') copy.stack = hide(stack);
  if (typeof code === 'string') copy.code = code;
  return copy;
}

/** The password in an address, as it is written there and as it reads. */
export function secretsOf(address: string | undefined): readonly string[] {
  // A scheme, a user, and everything up to the last `@` before the host: a password that was not escaped may hold anything.
  const written = /^[^:/?#]+:\/\/[^:@/]*:(.*)@/s.exec(address ?? '')?.[1];
  const asked = [...(address ?? '').matchAll(/[?&](?:password|sslpassword)=([^&]*)/g)].map(
    ([, value]) => value,
  );
  const found = [written, ...asked].filter((text) => text !== undefined && text !== '') as string[];
  return [...new Set(found.flatMap((text) => [text, decoded(text)]))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

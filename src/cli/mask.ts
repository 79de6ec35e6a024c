/** Of a secret what is needed to tell it from others: its kind and its last four characters. */
export function mask(secret: string): string {
  const kind = /^(?:[a-z]+_)+/.exec(secret)?.[0] ?? '';
  return secret.length < 20 ? `${kind}...` : `${kind}...${secret.slice(-4)}`;
}

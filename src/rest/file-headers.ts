/** What a storage says about the bytes: the SHA-256 as RFC 9530 writes it, or as object storages do; in hex. */
export function sha256In(headers: Headers): string | undefined {
  const digest = headers.get('repr-digest') ?? headers.get('content-digest') ?? '';
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(digest)?.[1] ?? plainSha256(headers);
  return base64 === undefined ? undefined : hexOf(base64);
}

function plainSha256(headers: Headers): string | undefined {
  return /^[A-Za-z0-9+/]{43}=$/.exec(headers.get('x-amz-checksum-sha256') ?? '')?.[0];
}

function hexOf(base64: string): string {
  return Array.from(atob(base64), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/**
 * The name in a `Content-Disposition` (RFC 6266). Folders in it are cut off: whoever writes the file down under this name
 * must not be led out of a directory.
 */
export function filenameOf(headers: Headers): string | null {
  const disposition = headers.get('content-disposition') ?? '';
  const name = extendedName(disposition) ?? quotedName(disposition);
  const last = name?.split(/[/\\]/).at(-1)?.replace(CONTROL, '').trim();
  return last === undefined || last === '' || last === '.' || last === '..' ? null : last;
}

/** Control characters, which are nobody's name. (`\p{Cc}` would say the same, but makes V8 load its tables of Unicode.) */
const CONTROL = /[^ -~\u00a0-\uffff]/g;

function extendedName(disposition: string): string | undefined {
  const encoded = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

function quotedName(disposition: string): string | undefined {
  const [, quoted, bare] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? bare;
}

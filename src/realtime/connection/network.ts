/** Tells when the platform thinks that the network came or went. Returns its `off`. */
export type WatchNetwork = (onChange: (online: boolean) => void) => () => void;

interface MaybeEventTarget {
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** The `online` and `offline` events of browsers and their workers. Elsewhere nothing is ever told. */
export const watchPlatformNetwork: WatchNetwork = (onChange) => {
  const target = globalThis as MaybeEventTarget;
  if (typeof target.addEventListener !== 'function' || typeof target.removeEventListener !== 'function') {
    return () => {};
  }
  const online = () => onChange(true);
  const offline = () => onChange(false);
  target.addEventListener('online', online);
  target.addEventListener('offline', offline);
  return () => {
    target.removeEventListener?.('online', online);
    target.removeEventListener?.('offline', offline);
  };
};

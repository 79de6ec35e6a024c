/** Milliseconds since 1970, the same in all processes of a machine, and finer than `Date.now()`. */
export const now = () => performance.timeOrigin + performance.now();

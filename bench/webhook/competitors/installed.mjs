// Stands here because a bare import is looked up from the file that holds it: these packages are installed beside it.

/** The module of a competitor; null when it is not installed. */
export async function installed(name) {
  return import(name).catch(() => null);
}

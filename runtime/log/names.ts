// Names of files beside a log.

/** The name of a rotated file while it is being compressed. */
export function unfinishedName(path: string): string {
  return `${path}.gz.tmp`
}

// The order of texts in which supervisord sorts names and files.

/** Text order by code points, as Python compares: `B` before `a`, `p10` before `p2`. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

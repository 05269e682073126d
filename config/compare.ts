// The order of texts in which supervisord sorts names and files.

/** What JavaScript does not keep in the order of code points. */
const SURROGATE = /[\ud800-\udfff]/

/** Text order by code points, as Python compares: `B` before `a`, `p10` before `p2`. */
export function compareText(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : Number(a > b)
}

// The order in which supervisord sorts names and files.

/** Characters that JavaScript does not sort by code point. */
const SURROGATE = /[\ud800-\udfff]/

/** Compares texts by code points, as Python does: `B` before `a`, `p10` before `p2`. */
export function compareText(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : Number(a > b)
}

// The list of the formats that kahi reads, and texts about them.

import type { Format } from './format.ts'
import { kahiFormat } from './kahi/format.ts'
import { s6Format } from './s6/format.ts'
import { s6OverlayFormat } from './s6-overlay/format.ts'
import { s6RcFormat } from './s6-rc/format.ts'
import { supervisordFormat } from './supervisord/format.ts'

/** All formats in the order in which they are asked; the last one accepts every file. */
export const formats: readonly Format[] = [kahiFormat, s6OverlayFormat, s6RcFormat, s6Format, supervisordFormat]

/** The formats that are converted: all but kahi's own. */
export const oldFormats: readonly Format[] = formats.filter(({ isNative }) => isNative !== true)

/** `a supervisord.conf, a scan directory of s6 or a source directory of s6-rc`, the last format first. */
export function titlesOf(some: readonly Format[]): string {
  const titles = some.map(({ title }) => title).reverse()
  return titles.length < 2 ? titles.join('') : `${titles.slice(0, -1).join(', ')} or ${titles.at(-1)}`
}

/** What directories of these formats contain: `NAME/type (a source directory of s6-rc); …`. */
export function contentsOf(some: readonly Format[]): string {
  return some.flatMap(({ title, holds }) => (holds === undefined ? [] : [`${holds} (${title})`])).join('; ')
}

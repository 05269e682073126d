// Names of kahi's units for the scripts of an image, and their exit codes, for the lines that s6-overlay writes about them.

import { OWN_PREFIX } from '../../../config/model/names.ts'
import type { Image, LegacyFolder } from '../../../converter/s6-overlay/image.ts'

/** The script of cont-init.d or cont-finish.d that a unit runs; undefined when it is another unit. */
export function scriptOf(
  unit: string,
): { readonly folder: 'cont-init' | 'cont-finish'; readonly file: string } | undefined {
  const [, folder, file = ''] = new RegExp(`^${OWN_PREFIX}(cont-init|cont-finish)-(.+)$`).exec(unit) ?? []
  return folder === 'cont-init' || folder === 'cont-finish' ? { folder, file } : undefined
}

/** The exit code in the text of a failure, 0 when there is none. */
export function codeIn(failure: string): string {
  if (failure === '') return '0'
  return /exit status (\d+)/.exec(failure)?.[1] ?? (/ENOENT|ENOEXEC/.test(failure) ? '127' : '1')
}

/** The names in one of the old directories; undefined when the image does not have it. */
export function namesIn(image: Image, folder: LegacyFolder, kind: 'file' | 'directory'): readonly string[] | undefined {
  const layers = image.folder(folder)
  return layers.list('.')?.filter((name) => layers.find(name)?.kind === kind)
}

// The scan directory, in which the tools of s6 find services (`scan_directory`). Its code is loaded only when it is
// configured.

import type { Part } from './part.ts'

/** Opens the scan directory, if it is configured. */
export const scanDirectory: Part = {
  name: 'scan directory',
  open: async ({ config, controlled, supervisor, shim, bus, clock, log }) => {
    const { scan_directory: directory, scan_layout: layout } = config.supervisor
    if (directory === undefined) return {}
    const { openScanDirectory } = await import('../control/s6/scandir.ts')
    return { close: await openScanDirectory({ directory, layout, controlled, supervisor, shim, bus, clock, log }) }
  },
}

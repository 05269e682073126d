// `service_files`: programs that run in their service directories, where the tools of s6 look for files.

import { join } from 'node:path'
import { namespec } from '../model/names.ts'
import type { Group } from '../settings/config.ts'
import type { ProcessSettings } from '../settings/process.ts'

/** The groups, with the directories in which such programs run. */
export function placeServices(groups: Group[], scan: string | undefined): Group[] {
  const place = (process: ProcessSettings): ProcessSettings => {
    const { directory, service_files: files, service_directory: own, group, name } = process
    if (directory !== undefined || files === undefined) return process
    return { ...process, directory: scan === undefined ? files : (own ?? join(scan, namespec(group, name))) }
  }
  return groups.map((group) => ({ ...group, processes: group.processes.map(place) }))
}

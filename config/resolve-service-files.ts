// `service_files`: programs that run in their service directories, where the tools of s6 look for them.

import { join } from 'node:path'
import { type Group, namespec, type ProcessSettings } from './config.ts'

/** The groups with the directories in which such programs run. */
export function placeServices(groups: Group[], scan: string | undefined): Group[] {
  const place = (process: ProcessSettings): ProcessSettings => {
    const { directory, service_files: files, group, name } = process
    if (directory !== undefined || files === undefined) return process
    return { ...process, directory: scan === undefined ? files : join(scan, namespec(group, name)) }
  }
  return groups.map((group) => ({ ...group, processes: group.processes.map(place) }))
}

// The names in /run under which scripts, hooks and health checks look for s6-overlay (`run_layout`). Those of an earlier start
// are removed first, and with them the copies that services had. Source: s6-overlay 3.2.3.2, preinit, stage0 and rc.init; s6-rc
// 0.7, s6-rc-init; v1.21 and v2.2, init-stage2.

import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { RunLayout } from '../../config/keys/supervisor.ts'
import { errnoCode } from '../system/files.ts'
import { writeGuarded } from '../system/guarded.ts'
import { linkGuarded, makeDirectoriesGuarded, removeGuarded } from '../system/guarded-trees.ts'
import type { Part } from './part.ts'

const LIVE = '/run/s6-rc'
/** Marks a live directory that kahi made: one of a real s6-rc is never touched. */
const MARK = join(LIVE, '.kahi')
const DATABASE = '/run/s6/db'
const LEGACY_SERVICES = '/run/s6/legacy-services'
/** Version 2 runs the files of /etc from there. */
const LINKED_ETC = '/var/run/s6/etc'
/** Directories of variables for the stages of its init. Scripts recognise the version by them. */
const STAGES = ['/var/run/s6/env-stage1', '/var/run/s6/env-stage2', '/var/run/s6/env-stage3']
const ETC_FOLDERS = ['fix-attrs.d', 'cont-init.d', 'cont-finish.d', 'services.d']

/** Lays the names when the first daemon process starts. A later one finds them. */
export const runLayout: Part = {
  name: 'run layout',
  open: ({ config, log, isFresh, options }) => {
    const { run_layout: layout, scan_directory: scan = '/run/service' } = config.supervisor
    if (!isFresh || options.isPrepared === true || layout === 'none') return
    const trouble = layRun(layout, { scan, workdir: process.cwd(), profile: process.env.S6_RUNTIME_PROFILE })
    if (trouble !== undefined) log.log('warn', trouble)
  },
}

/** Where the names lead. */
export interface RunPlaces {
  readonly scan: string
  /** The directory in which the container was started. */
  readonly workdir: string
  readonly profile: string | undefined
}

/** Lays the names. Gives why that is not possible, undefined when it was. */
export function layRun(layout: Exclude<RunLayout, 'none'>, places: RunPlaces): string | undefined {
  try {
    return layout === 's6-overlay' ? lay3(places) : lay2(places)
  } catch (error) {
    return `cannot lay the names that scripts of s6-overlay look for in /run: ${errnoCode(error)}`
  }
}

function lay3({ scan, workdir }: RunPlaces): string | undefined {
  if (isThere(LIVE) && !existsSync(MARK)) return `${LIVE} belongs to another s6-rc: it stays as it is`
  for (const old of [LIVE, DATABASE, LEGACY_SERVICES]) removeGuarded(old)
  for (const directory of [DATABASE, LEGACY_SERVICES, join(LIVE, 'servicedirs')]) makeDirectoriesGuarded(directory)
  linkGuarded(DATABASE, join(LIVE, 'compiled'))
  linkGuarded(scan, join(LIVE, 'scandir'))
  for (const name of ['lock', 'prefix', 'state']) writeGuarded(join(LIVE, name), '', 0o644)
  writeGuarded('/run/s6/workdir', `${workdir}\n`, 0o644)
  writeGuarded(MARK, '', 0o644)
  if (!isThere('/var/run')) linkGuarded('/run', '/var/run')
  return undefined
}

function lay2({ workdir, profile = '' }: RunPlaces): undefined {
  const etc = profile === '' ? '/etc' : `/etc/cont-profile.d/${profile}`
  removeGuarded(LINKED_ETC)
  for (const directory of [LINKED_ETC, ...STAGES]) makeDirectoriesGuarded(directory)
  writeGuarded('/var/run/s6/workdir', `${workdir}\n`, 0o644)
  for (const name of ETC_FOLDERS.filter((one) => existsSync(join(etc, one))))
    linkGuarded(join(etc, name), join(LINKED_ETC, name))
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

// The targets s6-rc, a source directory, and s6-overlay, the files of an image for version 3.

import type { Given } from '../../format.ts'
import type { Plan } from '../plan/plan.ts'
import type { Output, Target } from '../plan/target.ts'
import { OVERLAY_HALT, SCAN_HALT } from './finish.ts'
import { readTree } from './read-back.ts'
import { says } from './says.ts'
import type { Flavour } from './service.ts'
import { writeTree } from './tree.ts'

const OVERLAY_TREE = 'etc/s6-overlay/s6-rc.d/'

function flavourOf({ config }: Plan, given: Given, isOverlay: boolean): Flavour {
  const isCleared = config.supervisor.environment_directory !== undefined
  return {
    isOverlay,
    isExecline: given.execline === true,
    isCleared,
    tree: isOverlay ? OVERLAY_TREE : '',
    interpreter: isOverlay && !isCleared ? '/command/with-contenv sh' : '/bin/sh',
    scripts: isOverlay ? 'etc/s6-overlay/scripts/' : undefined,
    directory: typeof given.workdir === 'string' ? given.workdir : '/',
    halt: isOverlay ? OVERLAY_HALT : SCAN_HALT,
  }
}

/** `start` and `stop` are for s6-rc, so that dependencies follow. */
function control(verb: string, name: string): string | undefined {
  const commands: Readonly<Record<string, string>> = {
    restart: `s6-svc -r /run/service/${name}`,
    start: `s6-rc -u change ${name}`,
    stop: `s6-rc -d change ${name}`,
    status: `s6-svstat /run/service/${name}`,
  }
  return commands[verb]
}

function writer(isOverlay: boolean): (plan: Plan, given: Given) => Output {
  return (plan, given) => writeTree(plan, flavourOf(plan, given, isOverlay))
}

/** The files of an image for s6-overlay 3. */
export const s6OverlayTarget: Target = {
  title: 's6-overlay 3',
  says: says(true),
  control,
  write: writer(true),
  readBack: (directory, plan, given) => readTree(directory, plan, flavourOf(plan, given, true)),
}

/** A source directory for s6-rc-compile. */
export const s6RcTarget: Target = {
  title: 's6-rc',
  says: says(false),
  control,
  write: writer(false),
  readBack: (directory, plan, given) => readTree(directory, plan, flavourOf(plan, given, false)),
}

// Takes over what the previous daemon process left: units that are still configured keep running, all other processes
// are ended.

import type { Config } from '../../config/settings/config.ts'
import { removeStaleAutoFiles } from '../log/auto-file.ts'
import type { Logger } from '../log/sink.ts'
import { readNote } from '../service/memory/note.ts'
import type { Commands } from '../service/process/commands.ts'
import type { InheritedSlot } from '../shim/shim.ts'
import type { Sequencer } from './sequencer.ts'
import type { Inheritance } from './succession.ts'
import type { Unclaimed } from './unclaimed.ts'
import type { Units } from './units.ts'

/** Removes log files that kahi named itself (AUTO) and that no process writes to, unless `nocleanup` keeps them. */
export function removeOldLogs({ supervisor }: Config, inherited: Inheritance | undefined, log: Logger): void {
  if (supervisor.nocleanup) return
  for (const path of removeStaleAutoFiles(supervisor.childlogdir, supervisor.identifier, inherited?.logs))
    log.log('debug', `removed old log ${path}`)
}

/** The objects that take over slots. */
export interface Adopters {
  readonly units: Units
  readonly order: Sequencer
  readonly commands: Commands
  readonly unclaimed: Unclaimed
}

/** Takes over all slots. Gives the ids of the units whose state was taken over. */
export function adoptAll({ units, order, commands, unclaimed }: Adopters, { slots }: Inheritance): ReadonlySet<string> {
  const adopted = new Set<string>()
  const isKnown = (slot: InheritedSlot): boolean => units.find(slot.id) !== undefined
  const found = [...slots.values()]
  for (const slot of found.filter((one) => !isKnown(one) && !commands.end(one))) unclaimed.take(slot)
  for (const slot of found.filter(isKnown)) {
    if (units.find(slot.id)?.adopt(slot) !== true) continue
    adopted.add(slot.id)
    const { isWaiting = false, orderFailure: failure = '' } = readNote(slot.note) ?? {}
    order.resume(slot.id, { isWaiting, failure })
  }
  return adopted
}

// Code that a program's process and a oneshot share. unit.ts documents the methods; those that differ are abstract
// here.

import { liveSettings } from '../../config/settings/live.ts'
import type { ProcessSettings } from '../../config/settings/process.ts'
import type { GroupWatch } from './process/group-watch.ts'
import type { ServiceOutput } from './process/output.ts'
import type { Unit } from './unit.ts'
import type { UnitCore } from './unit-core.ts'

/** A unit with its core. */
export abstract class UnitBase<
  State extends { readonly name: string },
  Event extends { readonly type: string },
  OwnEffect,
> {
  /** A copy of its own, so that follow() changes it for all parts of the unit. */
  readonly settings: ProcessSettings
  /** Called when follow() has changed the settings. */
  protected readonly followers: (() => void)[] = []
  protected abstract readonly core: UnitCore<State, Event, OwnEffect>
  protected abstract readonly output: Pick<ServiceOutput, 'log' | 'tap' | 'reopen'>

  constructor(settings: ProcessSettings) {
    this.settings = { ...settings }
  }

  follow(wanted: ProcessSettings): void {
    Object.assign(this.settings, liveSettings(wanted))
    for (const used of this.followers) used()
    this.remember()
  }

  abstract get atRest(): boolean

  abstract handOver(): void

  get id(): string {
    return this.core.id
  }

  get name(): string {
    return this.settings.name
  }

  get group(): string {
    return this.settings.group
  }

  get groups(): GroupWatch {
    return this.core.groups
  }

  log(...which: Parameters<Unit['log']>): ReturnType<Unit['log']> {
    return this.output.log(...which)
  }

  tap(...listening: Parameters<Unit['tap']>): ReturnType<Unit['tap']> {
    return this.output.tap(...listening)
  }

  reopenLogs(): void {
    this.output.reopen()
  }

  forbidStart(): void {
    this.core.mayStart = false
  }

  kill(): void {
    this.forbidStart()
    this.core.isKilled = true
    this.core.take({ type: 'kill' })
  }

  close(): void {
    this.handOver()
    this.core.forget()
  }

  remember(): void {
    this.core.notebook.write()
  }

  exited(...end: Parameters<Unit['exited']>): void {
    this.core.exited(...end)
  }

  runBeside(...run: Parameters<Unit['runBeside']>): ReturnType<Unit['runBeside']> {
    return this.core.runBeside(...run)
  }

  environment(): ReturnType<Unit['environment']> {
    return this.core.environment()
  }

  async untilAtRest(): Promise<void> {
    await this.core.until(() => (this.atRest ? true : undefined))
  }

  async untilSpawned(): Promise<void> {
    await this.core.until(() => (this.core.isSpawning ? undefined : true))
  }
}

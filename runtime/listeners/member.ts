// One process of an event listener: whether it can take an event, and the event that it is processing.

import type { ProcessStateEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { ProcessInput } from '../service/process/input.ts'
import { Conversation, type ListenerState } from './conversation.ts'
import type { ResultHandler } from './handlers.ts'

/** What a Member needs of its pool. */
export interface MemberParts<Event> {
  readonly group: string
  readonly name: string
  readonly log: Logger
  /** The process may be able to take an event now. */
  readonly isFree: () => void
  /** Judges its answers. */
  readonly handler: ResultHandler
  /** The process has accepted an event. */
  readonly accepted: () => void
  /** The process has refused this event. */
  readonly refused: (event: Event) => void
  /** The process ended, or stopped reading, before it answered this event. */
  readonly unanswered: (event: Event) => void
  /** Writes the note for the next daemon process. */
  readonly remember: () => void
}

/** The processes of one name, one after the other. */
export class Member<Event> {
  readonly name: string
  readonly #parts: MemberParts<Event>
  #conversation: Conversation
  #input: ProcessInput | undefined
  #isRunning = false
  /** The process does not read its input any more. */
  #isDeaf = false
  /** The event that it is processing. */
  #event: Event | undefined

  constructor(parts: MemberParts<Event>) {
    this.name = parts.name
    this.#parts = parts
    this.#conversation = this.#begin()
  }

  get state(): ListenerState {
    return this.#conversation.state
  }

  /** Whether it can take an event now. */
  get canTake(): boolean {
    return this.#isRunning && !this.#isDeaf && this.state === 'READY'
  }

  /** Whether it may still answer its event, or take another one. */
  get isHearing(): boolean {
    return this.#isRunning && !this.#isDeaf && this.state !== 'UNKNOWN'
  }

  /** Whether it is processing an event. */
  get isBusy(): boolean {
    return this.#event !== undefined
  }

  /** From now on events are written to this input. */
  connect(input: ProcessInput): void {
    this.#input = input
  }

  /** The process was started by the previous daemon process. */
  resume(state: ListenerState, isRunning: boolean): void {
    this.#conversation = this.#begin(state)
    this.#isRunning = isRunning
    this.#parts.isFree()
  }

  /** Sends an event with its header. */
  send(event: Event, envelope: string): void {
    const conversation = this.#conversation
    conversation.ask()
    this.#event = event
    this.#parts.remember()
    void this.#input?.write(envelope).then((outcome) => {
      if (outcome === 'written' || conversation !== this.#conversation || this.#event !== event) return
      this.#log('debug', `epipe occurred while sending an event to listener ${this.name}, listener state unchanged`)
      this.#isDeaf = true
      conversation.takeBack()
      this.#giveBack()
    })
  }

  /** The process wrote this chunk. */
  said(chunk: Buffer): void {
    this.#conversation.hear(chunk)
  }

  /**
   * The process came into another state. When it has ended, its event is returned. Source: supervisor 4.2.5,
   * Subprocess.finish.
   */
  moved({ to }: Pick<ProcessStateEvent, 'to'>): void {
    this.#isRunning = to === 'running'
    if (to === 'running') this.#parts.isFree()
    else if (to === 'starting') {
      this.#conversation = this.#begin()
      this.#isDeaf = false
    } else if (to !== 'stopping') this.#giveBack()
  }

  #begin(state?: ListenerState): Conversation {
    const taker = {
      answered: (isAccepted: boolean) => this.#answered(isAccepted),
      babbled: () => this.#giveBack(),
      remark: (level: 'debug' | 'warn', text: string) => this.#log(level, `${this.name}: ${text}`),
      turned: () => {
        this.#parts.remember()
        this.#parts.isFree()
      },
    }
    return new Conversation(taker, this.#parts.handler, state)
  }

  #answered(isAccepted: boolean): void {
    const event = this.#event
    this.#event = undefined
    if (isAccepted) this.#parts.accepted()
    else if (event !== undefined) this.#parts.refused(event)
  }

  #giveBack(): void {
    const event = this.#event
    this.#event = undefined
    if (event !== undefined) this.#parts.unanswered(event)
  }

  #log(level: 'debug' | 'warn', text: string): void {
    const { log, group, name } = this.#parts
    log.log(level, text, { group, process: name })
  }
}

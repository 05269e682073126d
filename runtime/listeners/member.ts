// One process of an event listener: whether it can take an event, and the event that it works on.

import type { ProcessStateEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { ProcessInput } from '../service/input.ts'
import { Conversation, type ListenerState } from './conversation.ts'

/** What a Member needs of its pool. */
export interface MemberParts<Event> {
  readonly group: string
  readonly name: string
  readonly log: Logger
  /** It may be able to take an event now. */
  readonly isFree: () => void
  /** It did not do its work on this event. */
  readonly rejected: (event: Event) => void
  /** For the brain that may come after this one. */
  readonly remember: () => void
}

/** One process after the other of one name. */
export class Member<Event> {
  readonly name: string
  readonly #parts: MemberParts<Event>
  #conversation: Conversation
  #input: ProcessInput | undefined
  #isRunning = false
  /** It no longer reads. */
  #isDeaf = false
  /** What it works on. */
  #event: Event | undefined

  constructor(parts: MemberParts<Event>) {
    this.name = parts.name
    this.#parts = parts
    this.#conversation = this.#begin()
  }

  get state(): ListenerState {
    return this.#conversation.state
  }

  /** Whether it takes an event now. */
  get canTake(): boolean {
    return this.#isRunning && !this.#isDeaf && this.state === 'READY'
  }

  /** This is how it is spoken to. */
  connect(input: ProcessInput): void {
    this.#input = input
  }

  /** Its process was there before this brain. */
  resume(state: ListenerState, isRunning: boolean): void {
    this.#conversation = this.#begin(state)
    this.#isRunning = isRunning
    this.#parts.isFree()
  }

  /** Sends an event in its envelope. */
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

  /** It has written something. */
  said(chunk: Buffer): void {
    this.#conversation.hear(chunk)
  }

  /** It went into another state. Source: supervisor 4.2.5, Subprocess.finish: who ends gives back its event. */
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
      answered: (isAccepted: boolean) => (isAccepted ? this.#done() : this.#giveBack()),
      babbled: () => this.#giveBack(),
      remark: (level: 'debug' | 'warn', text: string) => this.#log(level, `${this.name}: ${text}`),
      turned: () => {
        this.#parts.remember()
        this.#parts.isFree()
      },
    }
    return new Conversation(taker, state)
  }

  #done(): void {
    this.#event = undefined
  }

  #giveBack(): void {
    const event = this.#event
    this.#event = undefined
    if (event !== undefined) this.#parts.rejected(event)
  }

  #log(level: 'debug' | 'warn', text: string): void {
    const { log, group, name } = this.#parts
    log.log(level, text, { group, process: name })
  }
}

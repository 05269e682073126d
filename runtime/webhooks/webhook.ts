// One webhook: chooses the events that it is for, keeps them until they are sent, and counts.

import { randomUUID } from 'node:crypto'
import type { Webhook as Settings } from '../../config/settings/receivers.ts'
import { TEST_SUBJECT } from '../../config/model/event-subjects.ts'
import { matcherOf, shownAddress } from '../../config/values/patterns.ts'
import type { DeliveryEvent } from '../events/event.ts'
import type { Logger } from '../log/sink.ts'
import type { Outcome } from '../outbound/outcome.ts'
import { Pump } from '../outbound/pump.ts'
import { readSecret, Requester } from '../outbound/request.ts'
import { Trouble } from '../outbound/trouble.ts'
import type { Clock } from '../system/clock.ts'
import { errnoCode } from '../system/files.ts'
import { render } from './formats.ts'
import { type Notice, noticeOf } from './notice.ts'
import { Queue, type Waiting } from './queue.ts'
import { signedHeaders, unsignedHeaders } from './signature.ts'

/** What webhooks need of the daemon. */
export interface WebhookParts {
  readonly clock: Clock
  readonly log: Logger
  /** The name of this machine. */
  readonly host: string
  emit(event: DeliveryEvent): void
  reportBug(error: unknown): void
}

/** How a webhook is doing. Counts are those since it was opened. */
export interface WebhookStatus {
  readonly name: string
  /** Without secrets. */
  readonly url: string
  readonly format: string
  readonly queued: number
  readonly sent: number
  /** Events that were given up: refused, or tried too often. */
  readonly failed: number
  /** Events that came while the queue was full. */
  readonly dropped: number
  /** Status of the last answer; 0 without one. */
  readonly lastStatus: number
  /** Why the last attempt failed; empty when it did not. */
  readonly lastError: string
}

/** One webhook. */
export class Webhook {
  readonly settings: Settings
  readonly #parts: WebhookParts
  readonly #queue: Queue
  readonly #trouble: Trouble
  readonly #requester: Requester
  readonly #pump: Pump<Waiting>
  readonly #isAbout: (texts: readonly string[]) => boolean
  readonly #isFor: (texts: readonly string[]) => boolean
  #isClosed = false
  #sent = 0
  #failed = 0
  #dropped = 0
  #lastStatus = 0

  /** `rest` are events that wait already. */
  constructor(settings: Settings, parts: WebhookParts, rest: readonly Waiting[] = []) {
    const { clock, log, reportBug } = parts
    const { name } = settings
    this.settings = settings
    this.#parts = parts
    this.#isAbout = matcherOf(settings.events)
    this.#isFor = matcherOf(settings.programs)
    this.#requester = new Requester(settings, clock)
    this.#trouble = new Trouble({ clock, log, emit: parts.emit, to: 'webhook', target: name, noun: 'events' })
    const report = (message: string): void => log.log('warn', `webhook ${name}: ${message}`)
    this.#queue = new Queue({ name, size: settings.queue_size, directory: settings.queue_directory, report }, rest)
    this.#pump = new Pump({
      clock,
      reportBug,
      trouble: this.#trouble,
      attempts: settings.attempts,
      next: () => this.#queue.first(),
      send: (waiting, abort) => this.#send(waiting, abort),
      settled: (waiting, outcome) => this.#settled(waiting, outcome),
    })
    if (this.#queue.length > 0) this.#pump.wake()
  }

  get status(): WebhookStatus {
    const { name, url, format, template } = this.settings
    return {
      name,
      url: shownAddress(url),
      format: template === undefined ? format : 'template',
      queued: this.#queue.length,
      sent: this.#sent,
      failed: this.#failed,
      dropped: this.#dropped,
      lastStatus: this.#lastStatus,
      lastError: this.#trouble.reason,
    }
  }

  /** Takes the notice if it is for this webhook. Its own trouble is not: each report of it could cause another one. */
  offer(notice: Notice): void {
    if (this.#isClosed || !this.#wants(notice)) return
    if (this.#queue.add({ id: `msg_${randomUUID()}`, notice })) this.#pump.wake()
    else {
      this.#dropped += 1
      this.#trouble.dropped(1, 'its queue is full')
    }
  }

  /** Sends a test at once, past the queue. */
  async test(abort: AbortSignal): Promise<Outcome> {
    const event = { number: 0, time: new Date(this.#parts.clock.wallMs()).toISOString(), type: TEST_SUBJECT }
    const notice = noticeOf(event, this.#parts.host)
    return this.#send({ id: `msg_${randomUUID()}`, notice }, abort)
  }

  /** Ends it at once. Gives the events that were not sent. */
  detach(): readonly Waiting[] {
    this.#isClosed = true
    this.#pump.stop()
    const rest = this.#queue.all()
    this.#queue.close()
    this.#requester.close()
    return rest
  }

  /** Sends what waits for at most so many milliseconds, and ends. Gives the number of events that are lost. */
  async close(limitMs: number): Promise<number> {
    await this.#pump.close(limitMs)
    const rest = this.detach().length
    return this.settings.queue_directory === undefined ? rest : 0
  }

  #wants({ subject, event, program, group }: Notice): boolean {
    const { target, to } = event as { readonly target?: unknown; readonly to?: unknown }
    if (event.type === 'delivery' && to === 'webhook' && target === this.settings.name) return false
    if (!this.#isAbout([subject, event.type])) return false
    if (program === '') return this.settings.programs.includes('*')
    return this.#isFor([program, group, `${group}:${program.split(':').at(-1) ?? ''}`])
  }

  async #send({ id, notice }: Waiting, abort: AbortSignal): Promise<Outcome> {
    let secret: string | undefined
    try {
      const { secret: own, secret_file: file } = this.settings
      secret = file === undefined ? own : readSecret(file)
    } catch (error) {
      return { kind: 'failed', reason: `cannot read secret_file: ${errnoCode(error)}` }
    }
    const isKey = this.settings.format === 'pagerduty' && this.settings.template === undefined
    const { headers, body } = render(this.settings, { notice, id, secret: isKey ? (secret ?? '') : '' })
    const timestamp = Math.floor(this.#parts.clock.wallMs() / 1000)
    try {
      const signed =
        secret === undefined || isKey
          ? unsignedHeaders({ id, timestamp })
          : signedHeaders(secret, { id, timestamp, body })
      const { answer, ...outcome } = await this.#requester.post(
        { url: this.settings.url, headers: { ...headers, ...signed }, body },
        abort,
      )
      this.#lastStatus = answer?.status ?? 0
      return outcome
    } catch (error) {
      return { kind: 'failed', reason: errnoCode(error) }
    }
  }

  #settled({ id }: Waiting, outcome: Outcome): void {
    if (this.#isClosed) return
    this.#queue.remove(id)
    if (outcome.kind === 'sent') this.#sent += 1
    else {
      this.#failed += 1
      this.#trouble.dropped(1, outcome.reason)
    }
  }
}

// Finds out whether the helper answers. While requests are unanswered a timer runs. After some time without a frame a
// PING is sent; when that is not answered either, the helper is stalled. Without unanswered requests there is no timer,
// so an idle daemon is not woken; then only ask() can find a helper that hangs. Any frame ends the stall: requests that
// were sent meanwhile are answered late, and are not sent again.

/**
 * After this time without a frame a PING is sent, if a request is unanswered. After twice this time the helper is
 * stalled.
 */
const SILENCE_MS = 2500
/** How long ask() waits. */
const ASK_MS = 2000

/** What a Liveness needs. */
export interface LivenessOptions {
  /** Sends a PING. Resolves with whether the answer reports no error. */
  ping(): Promise<boolean>
  /** How many requests are unanswered. */
  unanswered(): number
  /** Called when the helper stalls, and when it answers again. */
  changed(isAnswering: boolean): void
}

/** The watchdog of one helper. */
export class Liveness {
  readonly #options: LivenessOptions
  #timer: NodeJS.Timeout | undefined
  #phase: 'answering' | 'pinged' | 'stalled' = 'answering'
  #frames = 0
  #framesBefore = 0

  constructor(options: LivenessOptions) {
    this.#options = options
  }

  /** False from the moment that the helper was found not to answer, until its next frame. */
  get isAnswering(): boolean {
    return this.#phase !== 'stalled'
  }

  /** A frame came. */
  heard(): void {
    this.#frames += 1
    const wasStalled = this.#phase === 'stalled'
    this.#phase = 'answering'
    if (!wasStalled) return
    this.#options.changed(true)
    this.asked()
  }

  /** A request was sent. */
  asked(): void {
    if (this.#phase === 'stalled' || this.#timer !== undefined) return
    this.#framesBefore = this.#frames
    this.#timer = setTimeout(() => this.#look(), SILENCE_MS)
  }

  /** Asks the helper now. False when it does not answer within two seconds, or answers with an error. */
  async ask(): Promise<boolean> {
    if (!this.isAnswering) return false
    const before = this.#frames
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(this.#frames > before), ASK_MS)
    })
    try {
      return await Promise.race([this.#options.ping(), silence])
    } finally {
      clearTimeout(timer)
    }
  }

  /** The helper has ended. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    this.#timer = undefined
    if (this.#options.unanswered() === 0) return
    if (this.#frames !== this.#framesBefore) this.asked()
    else if (this.#phase === 'pinged') this.#stall()
    else this.#ping()
  }

  #ping(): void {
    this.#phase = 'pinged'
    void this.#options.ping()
    this.asked()
  }

  #stall(): void {
    this.#phase = 'stalled'
    this.#options.changed(false)
  }
}

/** Whether the promise resolves within that time. */
export async function isOver(end: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs)
  })
  const inTime = await Promise.race([end.then(() => true), late])
  clearTimeout(timer)
  return inTime
}

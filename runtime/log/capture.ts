// Capture mode: what a program writes between two tokens goes to whoever listens instead of its log. Only bytes that
// may be the beginning of a token are held back, so nothing waits that need not. At the end of the process what is
// held back, and a capture that was not ended, go to the log after all; supervisord loses both.
// Source: supervisor 4.2.5, dispatchers.POutputDispatcher.record_output and loggers.BoundIO.

const BEGIN = Buffer.from('<!--XSUPERVISOR:BEGIN-->')
const END = Buffer.from('<!--XSUPERVISOR:END-->')
/** More than the limit is kept for a while, so that not every chunk moves all bytes. */
const SLACK_BYTES = 64 * 1024
const SLACK_PARTS = 1000

const NOTHING = Buffer.alloc(0)

/** Where the parts of a stream go; bytes are only valid during the call. */
export interface CaptureTaker {
  /** Outside a capture. */
  log(chunk: Buffer): void
  /** A whole capture, without its tokens. */
  captured(data: Buffer): void
}

/** Takes captures out of one stream. */
export class CaptureFilter {
  readonly #taker: CaptureTaker
  readonly #limit: number
  /** What has been captured; undefined outside a capture. */
  #capture: Buffer[] | undefined
  #captureBytes = 0
  #held: Buffer = NOTHING

  /** At most `limitBytes` of a capture are kept, the newest. */
  constructor(taker: CaptureTaker, limitBytes: number) {
    this.#taker = taker
    this.#limit = limitBytes
  }

  /** Takes the next bytes of the stream. */
  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = NOTHING
    for (;;) {
      const token = this.#capture === undefined ? BEGIN : END
      const at = rest.indexOf(token)
      if (at < 0) break
      this.#pass(rest.subarray(0, at))
      this.#toggle()
      rest = rest.subarray(at + token.length)
    }
    const kept = startOfToken(rest, this.#capture === undefined ? BEGIN : END)
    this.#pass(rest.subarray(0, rest.length - kept))
    if (kept > 0) this.#held = Buffer.from(rest.subarray(rest.length - kept))
  }

  /** The process has ended: everything that waits goes to the log. */
  flush(): void {
    const waiting = [...(this.#capture ?? []), this.#held]
    this.#capture = undefined
    this.#captureBytes = 0
    this.#held = NOTHING
    for (const part of waiting) if (part.length > 0) this.#taker.log(part)
  }

  #toggle(): void {
    const capture = this.#capture
    this.#capture = capture === undefined ? [] : undefined
    this.#captureBytes = 0
    if (capture !== undefined) this.#taker.captured(this.#newest(capture))
  }

  #pass(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.#capture === undefined) {
      this.#taker.log(bytes)
      return
    }
    this.#captureBytes += bytes.length
    this.#capture.push(Buffer.from(bytes))
    if (this.#captureBytes < 2 * this.#limit + SLACK_BYTES && this.#capture.length < SLACK_PARTS) return
    const kept = Buffer.from(this.#newest(this.#capture))
    this.#capture = [kept]
    this.#captureBytes = kept.length
  }

  /** The capture without the oldest bytes beyond the limit. */
  #newest(capture: readonly Buffer[]): Buffer {
    const all = Buffer.concat(capture)
    return all.subarray(Math.max(0, all.length - this.#limit))
  }
}

/** How many bytes at the end may be the beginning of the token. */
function startOfToken(bytes: Buffer, token: Buffer): number {
  for (let count = Math.min(token.length - 1, bytes.length); count > 0; count -= 1) {
    if (bytes.subarray(bytes.length - count).equals(token.subarray(0, count))) return count
  }
  return 0
}

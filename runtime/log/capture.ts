// Capture mode: output between two tokens is an event instead of a part of the log. Only bytes that may be the
// beginning of a token are delayed. When the process has ended, delayed bytes and an unfinished capture are written to
// the log; supervisord loses both. Source: supervisor 4.2.5, dispatchers.POutputDispatcher.record_output and
// loggers.BoundIO.

const BEGIN = Buffer.from('<!--XSUPERVISOR:BEGIN-->')
const END = Buffer.from('<!--XSUPERVISOR:END-->')
/** So many bytes above the limit are kept for a while, so that not every chunk moves all bytes. */
const SLACK_BYTES = 64 * 1024
const SLACK_PARTS = 1000

/** The longest capture that is read again after a SIGKILL of the daemon process. */
const LONGEST_REST_BYTES = 512 * 1024

const NOTHING = Buffer.alloc(0)

/** Gets the parts of a stream; bytes are only valid during the call. */
export interface CaptureTaker {
  /** Output outside a capture. */
  log(chunk: Buffer): void
  /** A complete capture, without its tokens. */
  captured(data: Buffer): void
}

/** Separates captures from the rest of one stream. */
export class CaptureFilter {
  readonly #taker: CaptureTaker
  readonly #limit: number
  /** The capture so far; undefined outside a capture. */
  #capture: Buffer[] | undefined
  #captureBytes = 0
  #pending: Buffer = NOTHING
  /** Length of the capture so far, also of what is not kept. */
  #rawBytes = 0

  /** Of a capture the newest `limitBytes` are kept. */
  constructor(taker: CaptureTaker, limitBytes: number) {
    this.#taker = taker
    this.#limit = limitBytes
  }

  /**
   * The number of bytes that were pushed and not passed on: an unfinished capture, and what may begin a token. A capture
   * above 512 KiB does not count: it would fill the journal of the stream and hold up the process.
   */
  get rest(): number {
    if (this.#capture === undefined) return this.#pending.length
    return this.#rawBytes > LONGEST_REST_BYTES ? 0 : BEGIN.length + this.#rawBytes + this.#pending.length
  }

  /** Processes the next bytes of the stream. */
  push(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    this.#pending = NOTHING
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
    if (kept > 0) this.#pending = Buffer.from(rest.subarray(rest.length - kept))
  }

  /** The process has ended: writes all delayed bytes to the log. */
  flush(): void {
    const waiting = [...(this.#capture ?? []), this.#pending]
    this.#capture = undefined
    this.#captureBytes = 0
    this.#pending = NOTHING
    for (const part of waiting) if (part.length > 0) this.#taker.log(part)
  }

  #toggle(): void {
    const capture = this.#capture
    this.#capture = capture === undefined ? [] : undefined
    this.#captureBytes = this.#rawBytes = 0
    if (capture !== undefined) this.#taker.captured(this.#newest(capture))
  }

  #pass(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.#capture === undefined) {
      this.#taker.log(bytes)
      return
    }
    this.#captureBytes += bytes.length
    this.#rawBytes += bytes.length
    this.#capture.push(Buffer.from(bytes))
    if (this.#captureBytes < 2 * this.#limit + SLACK_BYTES && this.#capture.length < SLACK_PARTS) return
    const kept = Buffer.from(this.#newest(this.#capture))
    this.#capture = [kept]
    this.#captureBytes = kept.length
  }

  /** The capture without the oldest bytes above the limit. */
  #newest(capture: readonly Buffer[]): Buffer {
    const all = Buffer.concat(capture)
    return all.subarray(Math.max(0, all.length - this.#limit))
  }
}

/** The number of bytes at the end that may be the beginning of the token. */
function startOfToken(bytes: Buffer, token: Buffer): number {
  for (let count = Math.min(token.length - 1, bytes.length); count > 0; count -= 1) {
    if (bytes.subarray(bytes.length - count).equals(token.subarray(0, count))) return count
  }
  return 0
}

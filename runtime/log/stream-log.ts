// One stream (stdout or stderr) of one process. It reads the log pipe, and passes every chunk to the log file or to the
// daemon's own streams, to a ring buffer where there is no readable file, and to clients that follow the log. Before
// that, captures are removed and lines are formatted; syslog and event listeners get the output as it was written. A
// stream outlives its processes: the pipe and its reader stay over restarts, and the log file is opened again at each
// start.

import type { LineFormat } from '../../config/model/output.ts'
import type { StreamSettings } from '../../config/settings/process.ts'
import type { Clock } from '../system/clock.ts'
import { lastLines } from '../system/last-lines.ts'
import { CaptureFilter } from './capture.ts'
import { type LineFormatter, makeFormatter } from './line-format.ts'
import type { JournaledFile } from './journal.ts'
import { OutputSource } from './output-source.ts'
import { fileSize, readFileRange, readFileTail } from './readable.ts'
import { RingBuffer } from './ring-buffer.ts'
import { RotatingFile } from './rotating-file.ts'
import type { ReportProblem, Sink } from './sink.ts'
import { AnsiStripper } from './strip-ansi.ts'
import type { LineSink } from './syslog.ts'
import { type TimedLine, TimeMarks } from './time-marks.ts'
import type { OutputCount, TimedLog } from './log-view.ts'

export type { StreamLog, TimedLog } from './log-view.ts'

/** What a ProcessStream needs. */
export interface ProcessStreamOptions {
  readonly settings: StreamSettings
  readonly stripAnsi: boolean
  /** The daemon's own stdout and stderr. */
  readonly stdout: Sink & JournaledFile
  readonly stderr: Sink & JournaledFile
  /** Creates the file of logfile = AUTO and gives its path. */
  readonly createAutoFile: () => string
  readonly report: ReportProblem
  readonly clock: Clock
  /** Asks for output in the journal after `position`; `ready` is called once, when there is some. */
  readonly collect: (position: number, ready: () => void) => void
  /** Enlarges the pipe; rejects where that is not possible. */
  readonly enlargePipe: (bytes: number) => Promise<void>
  readonly program: string
  readonly stream: 'stdout' | 'stderr'
  readonly format: LineFormat
  readonly ringBytes: number
  readonly syslog?: LineSink | undefined
  /** Gets all output as it was written; chunks are only valid during the call. */
  readonly onRaw?: ((chunk: Buffer) => void) | undefined
  /** Gets output while events are enabled, and captures; both are only valid during the call. */
  readonly onOutput: (chunk: Buffer) => void
  /** Gets the same output whether events are enabled or not. */
  readonly onAny?: ((chunk: Buffer) => void) | undefined
  readonly onCaptured: (data: Buffer) => void
}

/** Passes the bytes of one stream from the pipe to all destinations. */
export class ProcessStream implements TimedLog {
  readonly #options: ProcessStreamOptions
  readonly #stripper: AnsiStripper | undefined
  readonly #ring: RingBuffer | undefined
  readonly #capture: CaptureFilter | undefined
  readonly #formatter: LineFormatter | undefined
  readonly #followers = new Set<(chunk: Buffer) => void>()
  readonly #taps = new Set<(chunk: Buffer) => void>()
  readonly #marks = new TimeMarks()
  readonly #source: OutputSource
  #path: string
  #file: RotatingFile | undefined
  #receivedBytes = 0
  #loggedBytes = 0

  constructor(options: ProcessStreamOptions) {
    const { logfile } = options.settings
    this.#options = options
    this.#path = 'path' in logfile ? logfile.path : ''
    this.#stripper = options.stripAnsi ? new AnsiStripper() : undefined
    this.#ring = logfile.kind === 'stdout' || logfile.kind === 'stderr' ? new RingBuffer(options.ringBytes) : undefined
    this.#formatter = makeFormatter(options.format, options, options.clock, (chunk) => this.#emit(chunk))
    const captured = (data: Buffer): void => {
      const text = this.#strip(data)
      this.#tell(text)
      options.onCaptured(text)
    }
    const taker = { log: (chunk: Buffer) => this.#log(chunk), captured }
    const limit = options.settings.capture_maxbytes
    this.#capture = limit > 0 ? new CaptureFilter(taker, limit) : undefined
    this.#source = this.#openSource()
  }

  /** Path of the log file for clients; empty when there is none. */
  get path(): string {
    return this.#path
  }

  get output(): OutputCount {
    return {
      receivedBytes: this.#receivedBytes,
      droppedBytes: this.#file?.droppedBytes ?? 0,
      loggedBytes: this.#loggedBytes,
    }
  }

  /** Whether the output has any destination. */
  get captured(): boolean {
    return this.#options.settings.logfile.kind !== 'none'
  }

  /** Chooses the name of an AUTO file, if it has none yet. Throws the error of the system. */
  prepare(): void {
    if (this.#options.settings.logfile.kind === 'auto' && this.#path === '') {
      this.#path = this.#options.createAutoFile()
    }
  }

  /** Opens the log file for a process that is about to start. Throws the error of the system. */
  open(): void {
    const { kind } = this.#options.settings.logfile
    if (kind !== 'file' && kind !== 'auto') return
    this.prepare()
    if (this.#file !== undefined) this.#file.reopenOrThrow()
    else this.#file = new RotatingFile(this.#fileOptions())
  }

  /** Reads a new pipe from now on; with a journal the helper reads the pipe. */
  attach(fd: number, journal?: number): void {
    this.#source.attach(fd, journal)
  }

  /** Leaves what is written from now on in the pipe, a new pipe too, until release() or drain(). */
  hold(): void {
    this.#source.hold()
  }

  release(): void {
    this.#source.release()
  }

  /**
   * Reads the rest of the pipe and flushes unfinished lines. To be called when the process has ended, before its end is
   * reported.
   */
  drain(): void {
    this.#source.drain()
    this.#capture?.flush()
    this.#formatter?.flush()
    this.#options.syslog?.flush()
  }

  /** Opens the log file again, after another program has moved it. */
  reopen(): void {
    this.#file?.reopen()
  }

  close(): void {
    this.#source.close()
    this.#file?.close()
    this.#file = undefined
    this.#followers.clear()
  }

  tail(bytes: number): Buffer {
    return this.#ring?.tail(bytes) ?? readFileTail(this.#path, bytes)
  }

  size(): number | undefined {
    return this.#ring?.size ?? fileSize(this.#path)
  }

  read(start: number, count: number): Buffer {
    return this.#ring?.read(start, count) ?? readFileRange(this.#path, start, count)
  }

  lines(bytes: number, most: number, sinceMs?: number): readonly TimedLine[] {
    if (sinceMs === undefined) return this.#marks.lines(lastLines(this.tail(bytes), most))
    const tail = lastLines(this.tail(Math.min(bytes, this.#marks.bytesSince(sinceMs))), most)
    return this.#marks.lines(tail).filter(({ atMs = 0 }) => atMs >= sinceMs)
  }

  clear(): void {
    this.#ring?.clear()
    this.#file?.clear()
  }

  follow(listener: (chunk: Buffer) => void): () => void {
    this.#followers.add(listener)
    return () => this.#followers.delete(listener)
  }

  /**
   * Calls the listener with all output, as the program wrote it and whether it is kept or not; chunks are only valid during
   * the call. Gives a function that ends it.
   */
  tap(listener: (chunk: Buffer) => void): () => void {
    this.#taps.add(listener)
    return () => this.#taps.delete(listener)
  }

  #write(raw: Buffer): void {
    this.#receivedBytes += raw.length
    this.#options.onRaw?.(raw)
    if (this.#capture === undefined) this.#log(raw)
    else this.#capture.push(raw)
  }

  /** Captured output is passed on too, without its tokens. Source: supervisor 4.2.5, POutputDispatcher._log. */
  #tell(chunk: Buffer): void {
    if (chunk.length === 0) return
    this.#options.onAny?.(chunk)
    if (this.#options.settings.events_enabled) this.#options.onOutput(chunk)
  }

  #log(raw: Buffer): void {
    const chunk = this.#stripper?.strip(raw) ?? raw
    if (chunk.length === 0) return
    this.#tell(chunk)
    this.#options.syslog?.write(chunk)
    for (const tap of this.#taps) tap(chunk)
    if (this.#ring !== undefined) this.#show(chunk)
    if (this.#formatter === undefined) this.#emit(chunk)
    else this.#formatter.push(chunk)
  }

  #emit(chunk: Buffer): void {
    this.#loggedBytes += chunk.length
    const sink = this.#sink()
    if (sink !== undefined) this.#source.write(chunk, sink)
    if (this.#ring === undefined) this.#show(chunk)
  }

  /** What clients see: the text of the log file, or what the program wrote where there is no file. */
  #show(chunk: Buffer): void {
    this.#marks.add(chunk.length, this.#options.clock.wallMs())
    this.#ring?.write(chunk)
    if (this.#followers.size === 0) return
    const copy = Buffer.from(chunk)
    for (const listener of this.#followers) listener(copy)
  }

  #openSource(): OutputSource {
    const { clock, collect, enlargePipe } = this.#options
    return new OutputSource({
      ...{ clock, collect, enlargePipe },
      take: (chunk) => this.#write(chunk),
      waiting: () => this.#waiting(),
      written: this.#isPlain ? (bytes) => this.#strip(bytes) : undefined,
      gathers: this.#capture !== undefined,
      file: () => this.#sink(),
    })
  }

  /** Whether the log is the output, byte by byte. */
  get #isPlain(): boolean {
    return this.#formatter === undefined && this.#capture === undefined && this.#options.syslog === undefined
  }

  /** The number of bytes that must be read again when the daemon process is killed now. */
  #waiting(): number {
    return (this.#capture?.rest ?? 0) + (this.#formatter?.rest ?? this.#stripper?.waiting ?? 0)
  }

  /** The output without control sequences, if the log has none. */
  #strip(bytes: Buffer): Buffer {
    return this.#stripper === undefined ? bytes : new AnsiStripper().strip(bytes)
  }

  #sink(): (Sink & JournaledFile) | undefined {
    const { kind } = this.#options.settings.logfile
    if (kind === 'stdout') return this.#options.stdout
    return kind === 'stderr' ? this.#options.stderr : this.#file
  }

  #fileOptions(): ConstructorParameters<typeof RotatingFile>[0] {
    const { settings, report } = this.#options
    const { logfile_maxbytes: maxBytes, logfile_backups: backups, logfile_compress: compress } = settings
    return { path: this.#path, maxBytes, backups, compress, report }
  }
}

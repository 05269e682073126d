// One stream (stdout or stderr) of one process: reads its pipe and hands every chunk to the log file or to the
// daemon's own streams, to a ring buffer where no file can be read back, and to whoever follows. On the way captures
// are taken out and lines are formatted; syslog and listeners get what the program wrote. It outlives the processes:
// the pipe and its reader stay over restarts, the log file is opened anew at each start.

import type { StreamFormat, StreamSettings } from '../../config/config.ts'
import type { Clock } from '../system/clock.ts'
import { CaptureFilter } from './capture.ts'
import { type LineFormatter, makeFormatter } from './line-format.ts'
import { PipeReader } from './pipe.ts'
import { fileSize, readFileRange, readFileTail } from './readable.ts'
import { RingBuffer } from './ring-buffer.ts'
import { RotatingFile } from './rotating-file.ts'
import type { ReportProblem, Sink } from './sink.ts'
import { AnsiStripper } from './strip-ansi.ts'
import type { LineSink } from './syslog.ts'

/** What the pipe of a noisy program holds: most that an ordinary user may have. */
const LARGE_PIPE_BYTES = 1024 * 1024

/** What control sees of a stream. */
export interface StreamLog {
  /** The last bytes that were written. */
  tail(bytes: number): Buffer
  /** How many bytes can be read back; undefined when there is nothing, not even an empty file. */
  size(): number | undefined
  /** At most `count` bytes from `start` on. */
  read(start: number, count: number): Buffer
  /** Throws away what was written. Throws the error of the system. */
  clear(): void
  /** Calls the listener with each chunk from now on, over rotations and restarts; returns what ends it. */
  follow(listener: (chunk: Buffer) => void): () => void
}

/** What a ProcessStream needs. */
export interface ProcessStreamOptions {
  readonly settings: StreamSettings
  readonly stripAnsi: boolean
  /** The daemon's own streams. */
  readonly stdout: Sink
  readonly stderr: Sink
  /** Creates the file of logfile = AUTO and gives its path. */
  readonly createAutoFile: () => string
  readonly report: ReportProblem
  readonly clock: Clock
  /** Makes the pipe hold more; rejects where that is not possible. */
  readonly enlargePipe: (bytes: number) => Promise<void>
  readonly program: string
  readonly stream: 'stdout' | 'stderr'
  readonly format: StreamFormat
  readonly ringBytes: number
  readonly syslog?: LineSink | undefined
  /** Gets what is written as it came; only valid during the call. */
  readonly onRaw?: ((chunk: Buffer) => void) | undefined
  /** Gets what is written while events are enabled, and what is captured; both only valid during the call. */
  readonly onOutput: (chunk: Buffer) => void
  readonly onCaptured: (data: Buffer) => void
}

/** The way of one stream's bytes from the pipe to where they end. */
export class ProcessStream implements StreamLog {
  readonly #options: ProcessStreamOptions
  readonly #stripper: AnsiStripper | undefined
  readonly #ring: RingBuffer | undefined
  readonly #capture: CaptureFilter | undefined
  readonly #formatter: LineFormatter | undefined
  readonly #followers = new Set<(chunk: Buffer) => void>()
  #path: string
  #file: RotatingFile | undefined
  #reader: PipeReader | undefined

  constructor(options: ProcessStreamOptions) {
    const { logfile } = options.settings
    this.#options = options
    this.#path = 'path' in logfile ? logfile.path : ''
    this.#stripper = options.stripAnsi ? new AnsiStripper() : undefined
    this.#ring = logfile.kind === 'stdout' || logfile.kind === 'stderr' ? new RingBuffer(options.ringBytes) : undefined
    this.#formatter = makeFormatter(options.format, options, options.clock, (chunk) => this.#emit(chunk))
    const captured = (data: Buffer): void => {
      this.#tell(data)
      options.onCaptured(data)
    }
    const taker = { log: (chunk: Buffer) => this.#log(chunk), captured }
    const limit = options.settings.capture_maxbytes
    this.#capture = limit > 0 ? new CaptureFilter(taker, limit) : undefined
  }

  /** The log file as clients see it; empty when there is none. */
  get path(): string {
    return this.#path
  }

  /** Whether output goes anywhere at all. */
  get captured(): boolean {
    return this.#options.settings.logfile.kind !== 'none'
  }

  /** Names the AUTO file, when it is one and has no name yet. Throws the error of the system. */
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

  /** Reads a new pipe from now on. */
  attach(fd: number): void {
    this.#reader?.close()
    const reader = new PipeReader(fd, (chunk) => this.#write(chunk), {
      clock: this.#options.clock,
      onBusy: () => void this.#enlargePipe(reader),
    })
    this.#reader = reader
  }

  /** Takes what is still in the pipe and ends what is unfinished; to be called when the process has ended, before that is told. */
  drain(): void {
    this.#reader?.drain()
    this.#capture?.flush()
    this.#formatter?.flush()
    this.#options.syslog?.flush()
  }

  /** Opens the log file anew, after someone else moved it. */
  reopen(): void {
    this.#file?.reopen()
  }

  close(): void {
    this.#reader?.close()
    this.#reader = undefined
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

  clear(): void {
    this.#ring?.clear()
    this.#file?.clear()
  }

  follow(listener: (chunk: Buffer) => void): () => void {
    this.#followers.add(listener)
    return () => this.#followers.delete(listener)
  }

  #write(raw: Buffer): void {
    this.#options.onRaw?.(raw)
    const chunk = this.#stripper?.strip(raw) ?? raw
    if (chunk.length === 0) return
    if (this.#capture === undefined) this.#log(chunk)
    else this.#capture.push(chunk)
  }

  /** Source: supervisor 4.2.5, POutputDispatcher._log: what is captured is told too, its tokens are not. */
  #tell(chunk: Buffer): void {
    if (this.#options.settings.events_enabled && chunk.length > 0) this.#options.onOutput(chunk)
  }

  #log(chunk: Buffer): void {
    this.#tell(chunk)
    this.#options.syslog?.write(chunk)
    if (this.#formatter === undefined) this.#emit(chunk)
    else this.#formatter.push(chunk)
  }

  #emit(chunk: Buffer): void {
    this.#ring?.write(chunk)
    this.#sink()?.write(chunk)
    for (const listener of this.#followers) listener(Buffer.from(chunk))
  }

  /** Where there is no larger pipe to be had the small one has to do. */
  async #enlargePipe(reader: PipeReader): Promise<void> {
    try {
      await this.#options.enlargePipe(LARGE_PIPE_BYTES)
      reader.enlarged(LARGE_PIPE_BYTES)
    } catch {
      // the same bytes come in smaller pieces
    }
  }

  #sink(): Sink | undefined {
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

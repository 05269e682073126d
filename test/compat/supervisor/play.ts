// Runs a scene with a daemon: listeners record the events that they get, and calls use XML-RPC. Pids, times and folders are masked.
// The only waits are waits for events.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect as connectTo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readResponse } from '../../../runtime/control/xmlrpc/codec.ts'
import { type Value, writeCall } from '../../../runtime/control/xmlrpc/values.ts'
import type { Scene, Step } from './scenes/scene.ts'
import { eventually, withinLimit } from '../../helpers/wait.ts'

/** Writes down the events that it gets and answers OK, or what its arguments say in their order. */
const LISTENER = `
import sys
name, answers = sys.argv[1], sys.argv[2:]
with open(name, 'a') as notes:
    while True:
        sys.stdout.write('READY\\n')
        sys.stdout.flush()
        line = sys.stdin.readline()
        headers = dict(word.split(':', 1) for word in line.split())
        payload = sys.stdin.read(int(headers['len']))
        order = ' '.join(headers[key] for key in ('ver', 'server', 'serial', 'pool', 'poolserial', 'len'))
        notes.write(headers['eventname'] + ' ' + repr(payload) + ' | ' + order + '\\n')
        notes.flush()
        answer = answers.pop(0) if answers else 'OK'
        if answer == 'DIE': sys.exit(3)
        if answer == 'SLEEP': sys.stdin.read()
        said = 'nonsense\\n' if answer == 'BABBLE' else 'RESULT %d\\n%s' % (len(answer), answer)
        sys.stdout.write(said)
        sys.stdout.flush()
`

const ALL_EVENTS =
  'PROCESS_STATE,PROCESS_GROUP,PROCESS_LOG,PROCESS_COMMUNICATION,SUPERVISOR_STATE_CHANGE,REMOTE_COMMUNICATION'

/** What a scene came to. */
export interface Outcome {
  readonly heard: Readonly<Record<string, readonly string[]>>
  readonly answers: readonly string[]
  readonly status: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

/** Plays the scene with `supervisord` or what stands in for it. */
export async function play(scene: Scene, command: readonly string[]): Promise<Outcome> {
  const stage = new Stage(scene, command)
  try {
    return await stage.play()
  } finally {
    await stage.close()
  }
}

class Stage {
  readonly #scene: Scene
  readonly #folder = mkdtempSync(join(process.env.TEST_FOLDER ?? tmpdir(), 's-'))
  readonly #daemon: ChildProcess
  readonly #ended: Promise<number | null>
  readonly #answers: string[] = []
  readonly #begun: Promise<void>[] = []
  /** What was waited for last; a scene in which the daemon ends goes so far. */
  #seen: (line: string) => boolean = () => false

  constructor(scene: Scene, [program = '', ...args]: readonly string[]) {
    this.#scene = scene
    mkdirSync(this.#path('d'))
    writeFileSync(this.#path('listener.py'), LISTENER)
    this.#configure(scene.conf)
    // A file: what Node makes for a pipe cannot be opened as /dev/stdout.
    const output = openSync(this.#path('output'), 'a')
    this.#daemon = spawn(program, [...args, '-n', '-c', this.#path('s.conf')], {
      cwd: this.#folder,
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    this.#ended = new Promise((resolve) => this.#daemon.once('exit', resolve))
  }

  async play(): Promise<Outcome> {
    for (const step of this.#scene.steps) await this.#take(step)
    await Promise.all(this.#begun)
    const status = this.#daemon.exitCode === null && !this.#scene.isDeaf ? await this.#status() : []
    if (status.length > 0) {
      // What was told before is in front of this.
      await this.#call('supervisor.sendRemoteCommEvent', ['the end', ''])
      await this.#take({ do: 'see', event: 'REMOTE_COMMUNICATION', process: 'the end', times: 1 })
    }
    const names = ['l', ...[...this.#scene.conf.matchAll(/LISTENER (\w+)/g)].map(([, name = '']) => name)]
    return {
      heard: Object.fromEntries(names.map((name) => [name, this.#story(name)])),
      answers: this.#answers,
      status,
      files: Object.fromEntries((this.#scene.files ?? []).map((name) => [name, this.#mask(this.#content(name))])),
    }
  }

  /** Ends the daemon and takes away the folder. */
  async close(): Promise<void> {
    this.#daemon.kill('SIGTERM')
    await withinLimit(this.#ended, () => 'the daemon ends').catch(() => this.#daemon.kill('SIGKILL'))
    await this.#ended
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #take(step: Step): Promise<void> {
    switch (step.do) {
      case 'see': {
        const isIt = (line: string) => (line.split(' ')[0] ?? '').endsWith(step.event) && isAbout(line, step.process)
        this.#seen = isIt
        return this.#until(step, () => this.#lines('l').filter(isIt).length >= step.times)
      }
      case 'heard':
        return this.#until(step, () => this.#lines(step.listener).length >= step.lines)
      case 'written':
        return this.#until(step, () => existsSync(this.#path(step.file)) && this.#read(step.file).includes(step.text))
      case 'call':
        return this.#record(step, await this.#call(`supervisor.${step.method}`, step.params))
      case 'begin': {
        const place = this.#answers.push('') - 1
        const answer = this.#call(`supervisor.${step.method}`, step.params)
        const begun = answer.then((text) => this.#record(step, text, place))
        begun.catch(() => {}) // it is waited for at the end, where its failure counts
        this.#begun.push(begun)
        return
      }
      case 'signal':
        this.#daemon.kill(step.name)
        return
      case 'configure':
        this.#configure(step.conf)
        return
      case 'connect':
        return this.#record(step, await this.#connect(step.socket))
      case 'ended':
        return this.#record(step, String(await this.#ended))
      default:
        return step satisfies never
    }
  }

  async #until(step: Step, isSo: () => boolean): Promise<void> {
    const isOver = () => isSo() || this.#daemon.exitCode !== null
    await eventually(isOver).catch(() => {})
    if (!isSo())
      throw new Error([`${JSON.stringify(step)} did not come`, ...this.#lines('l'), this.#read('output')].join('\n'))
  }

  #configure(conf: string): void {
    const { daemon = '', events = ALL_EVENTS, isDeaf = false } = this.#scene
    const factory = 'supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface'
    const text =
      `[supervisord]\nlogfile=DIR/main.log\npidfile=DIR/pid\nchildlogdir=DIR\n${daemon}\n` +
      `[unix_http_server]\nfile=DIR/s.sock\n${isDeaf ? '' : `[rpcinterface:supervisor]\n${factory}\n`}` +
      `[eventlistener:l]\ncommand=LISTENER l\nevents=${events}\nbuffer_size=1000\nstartsecs=0\n${conf}`
    const listener = `/usr/bin/python3 -S -X utf8 ${this.#folder}/listener.py ${this.#folder}/heard.`
    writeFileSync(this.#path('s.conf'), text.replaceAll('LISTENER ', listener).replaceAll('DIR', this.#folder))
  }

  /** What a listener was told, up to the end of the scene; of the listener of every scene itself nothing. */
  #story(name: string): string[] {
    const lines = this.#lines(name)
    const end = lines.findIndex((line) => line.includes('the end'))
    const last = name === 'l' ? lines.findLastIndex((line) => this.#seen(line)) : lines.length - 1
    const told = lines.slice(0, end < 0 ? last + 1 : end).map((line) => this.#mask(line))
    if (name !== 'l') return told.filter((line) => !line.startsWith('TICK_')) // when one comes depends on the clock
    const others = told.filter((line) => !line.includes('groupname:l'))
    const bare = others.map((line) => line.replace(/ \| .*/, ''))
    return this.#scene.isMixed ? bare.sort((a, b) => compare(subject(a), subject(b))) : bare
  }

  async #status(): Promise<string[]> {
    const answer = await this.#send('supervisor.getAllProcessInfo', [])
    if (!('value' in answer)) return [JSON.stringify(answer)]
    return (answer.value as Record<string, Value>[])
      .filter(({ group }) => group !== 'l')
      .map((one) => this.#mask(JSON.stringify(one)))
  }

  #record({ do: what, ...rest }: Step, answer: string, place = this.#answers.length): void {
    this.#answers[place] = `${what} ${this.#mask(JSON.stringify(rest))} → ${this.#mask(answer)}`
  }

  async #call(method: string, params: readonly Value[]): Promise<string> {
    const answer = await this.#send(method, params)
    if (!('value' in answer)) return JSON.stringify(answer)
    const { value } = answer
    // Those of a group are named in the order in which they were done.
    return Array.isArray(value) && isOutcome(value[0])
      ? value
          .map((one) => JSON.stringify(one))
          .sort()
          .join(' ')
      : JSON.stringify(value)
  }

  async #send(method: string, params: readonly Value[]): Promise<ReturnType<typeof readResponse>> {
    const body = writeCall(
      method,
      params.map((one) => (typeof one === 'string' ? one.replace('DIR', this.#folder) : one)),
    )
    let answer: ReturnType<typeof readResponse> | undefined
    const isAnswered = async () => (answer = await this.#post(body)) !== undefined
    await eventually(isAnswered, `the daemon listens:\n${this.#read('output')}`)
    return answer ?? { fault: 'none' }
  }

  /** The answer to a call; undefined when the daemon does not listen yet: its socket has a name before it listens. */
  #post(body: string): Promise<ReturnType<typeof readResponse> | undefined> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#path('s.sock'), path: '/RPC2', method: 'POST' }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          if (response.statusCode === 200) resolve(readResponse(text))
          else resolve({ fault: `HTTP ${response.statusCode}` })
        })
      })
      asked.on('error', (error: NodeJS.ErrnoException) => {
        const isEarly = error.code === 'ECONNREFUSED' || error.code === 'ENOENT'
        if (isEarly && this.#daemon.exitCode === null) resolve(undefined)
        else reject(error)
      })
      asked.setHeader('Content-Length', Buffer.byteLength(body))
      asked.end(body)
    })
  }

  #connect(socket: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = ''
      connectTo(this.#path(socket))
        .on('data', (chunk) => (text += chunk.toString()))
        .on('end', () => resolve(text))
        .on('error', reject)
    })
  }

  #content(name: string): string {
    return name === '/dev/stdout' ? this.#read('output').replaceAll(/^\d{4}-\d\d-\d\d .*\n/gm, '') : this.#read(name)
  }

  #lines(listener: string): string[] {
    return this.#read(`heard.${listener}`).split('\n').slice(0, -1)
  }

  #read(name: string): string {
    return existsSync(this.#path(name)) ? readFileSync(this.#path(name), 'utf8') : ''
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  #mask(text: string): string {
    return text
      .replaceAll(this.#folder, 'DIR')
      .replaceAll(/pid:[1-9]\d*/g, 'pid:N')
      .replaceAll(/"pid":[1-9]\d*/g, '"pid":"N"')
      .replaceAll(/when:\d+/g, 'when:N')
      .replaceAll(/(pid:N.*) \d+$/gm, '$1 LEN')
      .replaceAll(/"(start|stop|now)":[1-9]\d*/g, '"$1":"T"')
      .replaceAll(/pid \d+, uptime \d:\d\d:\d\d/g, 'pid N, uptime T')
      .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'TIME')
      .replaceAll(/CANT_REREAD: (?:[^"\\]|\\.)*/g, 'CANT_REREAD')
      .replaceAll(/---(\w+)-\w{8}\.log/g, '---$1-X.log')
  }
}

function isAbout(line: string, subject: string): boolean {
  return subject === '' || new RegExp(`(?:name|type):${subject}[ \\\\]`).test(line)
}

function isOutcome(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'status' in value
}

/** Which process an event is about. */
function subject(line: string): string {
  const [, process = '', group = ''] = /processname:(\S+) groupname:(\S+)/.exec(line) ?? []
  return `${group}:${process}`
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

// Builds the image of a Dockerfile and boots it, without Docker: instructions become lines for sh, which run in new namespaces.
// Every base image is this machine's Debian without Node.js, Python, supervisor, s6 and execline. Placeholders replace the
// programs that download files: they are in PATH while the image is built. Needs root and unshare.

import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Files, firstPid, layFiles } from './image.ts'
import { type Daemon, scratch, startDaemon } from './kahi.ts'

/** The options of a build. */
export interface Build {
  /** The build context; its Dockerfile is read. */
  readonly context: string
  readonly target?: string
  /** Programs in PATH while the image is built. */
  readonly placeholders: Files
  /** Further programs, from this machine: name → path. */
  readonly programs?: Readonly<Record<string, string>>
  /** Files of all base images. */
  readonly base?: Files
  /** The command of the container, instead of that of the image. */
  readonly command?: readonly string[]
}

/** A container that runs. */
export interface Container {
  readonly daemon: Daemon
  /** The command of HEALTHCHECK; empty when there is none. */
  readonly healthcheck: string
  /** The pid of its first process, in the pid namespace of the test. */
  first(): number
  /** Runs a script inside, as `docker exec` does. Gives its output; throws when it fails. */
  run(script: string): string
}

const NAMESPACE = ['--pid', '--mount', '--fork', '--mount-proc', '--kill-child', '--']
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const PRELUDE = `
mount --make-rprivate /
mount -t tmpfs tmpfs "$0/layers"
cd "$0/layers"
stage() { # name, folder with the files of its base
  mkdir -p "$1/upper" "$1/inner" "$1/root"
  [ "$2" = scratch ] && return
  cp -a "$2/." "$1/upper/"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$PWD/$1/upper,workdir=$PWD/$1/inner" "$1/root"
  mkdir -p "$1/root/placeholders"
}
run() { # stage, words
  in=$1; shift
  mount --bind "$OUTSIDE/placeholders" "$in/root/placeholders"
  chroot "$in/root" /usr/bin/env -i "$@"
  umount "$in/root/placeholders"
}
copy() { # source, destination
  if [ -d "$1" ]; then mkdir -p "$2"; cp -a "$1/." "$2/"
  else case $2 in */) mkdir -p "$2" ;; *) mkdir -p "\${2%/*}" ;; esac; cp -a "$1" "$2"; fi
}
OUTSIDE=$0
stage base "$0/base"
chroot base/root /bin/sh -ec '
rm -rf /usr/bin/s6-* /usr/lib/execline /usr/lib/python3* /etc/supervisor /init /command
for name in node nodejs python python3 supervisord supervisorctl execlineb with-contenv; do
  while file=$(command -v $name); do rm "$file"; done
done'
`

const START = `
mount -t proc proc root/proc
mount --rbind /dev root/dev
mount -t tmpfs -o mode=755 tmpfs root/run
echo "the image is built"
`

/** An instruction. A line that ends with \\ continues on the next line. */
interface Instruction {
  readonly keyword: string
  readonly rest: string
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line))
  const whole = lines.join('\n').replaceAll(/\\\n/g, '').split('\n')
  return whole.flatMap((line) => {
    const [, keyword, rest = ''] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? []
    return keyword === undefined ? [] : [{ keyword: keyword.toUpperCase(), rest: rest.trim() }]
  })
}

/** The words of JSON form, or those that run the shell form. */
function wordsOf(rest: string): readonly string[] {
  return rest.startsWith('[') ? (JSON.parse(rest) as string[]) : ['/bin/sh', '-c', rest]
}

/** A word for sh. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

/** Translates the instructions of all stages up to the target. */
class Translator {
  readonly lines: string[] = []
  healthcheck = ''
  private readonly stages: string[] = []
  private name = ''
  private folder = '/'
  private variables: string[] = []
  private entrypoint: readonly string[] = []
  private command: readonly string[] = []

  take({ keyword, rest }: Instruction): void {
    const words = rest.split(/\s+/)
    if (keyword === 'FROM') this.from(words)
    else if (keyword === 'ARG' || keyword === 'ENV') this.set(rest)
    else if (keyword === 'RUN')
      this.lines.push(`run ${this.name} ${this.environment('/placeholders:')} ${runWords(rest)}`)
    else if (keyword === 'COPY') this.copy(words)
    else if (keyword === 'ADD') this.lines.push(this.unpack(words))
    else if (keyword === 'WORKDIR') this.move(rest)
    else if (keyword === 'ENTRYPOINT') [this.entrypoint, this.command] = [wordsOf(rest), []]
    else if (keyword === 'CMD') this.command = wordsOf(rest)
    else if (keyword === 'HEALTHCHECK') this.healthcheck = rest.replace(/^.*?\bCMD\s+/, '')
    else if (keyword !== 'EXPOSE') throw new Error(`${keyword} is not known here`)
  }

  /** Boots the image: the first process is its command. */
  finish(target: string | undefined, command: readonly string[] | undefined): void {
    const words = [...this.entrypoint, ...(command ?? this.command)].map(quoted).join(' ')
    this.lines.push(
      `cd ${target ?? this.name}`,
      START,
      `exec chroot root /usr/bin/env -i ${this.environment('')} ${words}`,
    )
  }

  private from([base = '', , name = `stage-${this.stages.length}`]: readonly string[]): void {
    const parent = this.stages.includes(base) ? `${base}/upper` : base === 'scratch' ? base : 'base/upper'
    this.lines.push(`stage ${name} ${parent}`)
    this.stages.push(name)
    if (!parent.startsWith(base) || base === 'scratch') this.begin()
    this.name = name
  }

  /** A stage that begins with another image does not get the values of the stage before. */
  private begin(): void {
    this.folder = '/'
    this.variables = []
    this.entrypoint = []
    this.command = []
  }

  private set(rest: string): void {
    for (const [, name = '', value = ''] of rest.matchAll(/(\w+)=("[^"]*"|\S*)/g)) {
      this.lines.push(`${name}=${value}`)
      this.variables.push(name)
    }
  }

  private environment(first: string): string {
    const values = [...new Set(this.variables)].map((name) => `${name}="$${name}"`)
    return [`--chdir="${this.folder}"`, `PATH=${first}${PATH}`, ...values].join(' ')
  }

  private copy(words: readonly string[]): void {
    const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
    const [source = '', to = ''] = words.filter((word) => !word.startsWith('--'))
    const root = from === undefined ? '$OUTSIDE/context' : this.filesOf(from)
    this.lines.push(`copy "${root}/${source}" "${this.name}/root/${this.resolve(to)}"`)
  }

  private unpack([file = '', to = '']: readonly string[]): string {
    return `mkdir -p ${this.name}/root${to} && tar -xzf "$OUTSIDE/context/${file}" -C ${this.name}/root${to}`
  }

  private move(folder: string): void {
    this.folder = this.resolve(folder)
    this.lines.push(`mkdir -p "${this.name}/root/${this.folder}"`)
  }

  private filesOf(stage: string): string {
    if (!this.stages.includes(stage)) throw new Error(`there is no stage ${stage}`)
    return `${stage}/root`
  }

  private resolve(path: string): string {
    return path.startsWith('/') || path.startsWith('$') ? path : `${this.folder}/${path.replace(/^\.$/, '')}`
  }
}

function runWords(rest: string): string {
  return wordsOf(rest).map(quoted).join(' ')
}

/** Builds an image and starts its command as the first process. */
export async function bootBuild({
  context,
  target,
  placeholders,
  programs = {},
  base = {},
  command,
}: Build): Promise<Container> {
  const folder = scratch()
  chmodSync(folder, 0o755)
  for (const name of ['layers', 'base', 'placeholders', 'context']) mkdirSync(join(folder, name))
  execFileSync('cp', ['-a', `${context}/.`, join(folder, 'context')])
  layFiles(join(folder, 'base'), base)
  layFiles(join(folder, 'placeholders'), placeholders)
  for (const [name, path] of Object.entries(programs)) copyFileSync(path, join(folder, 'placeholders', name))
  const translator = new Translator()
  let isDone = false
  for (const one of instructionsOf(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
    isDone ||= one.keyword === 'FROM' && translator.lines.some((line) => line.startsWith(`stage ${target} `))
    if (!isDone) translator.take(one)
  }
  translator.finish(target, command)
  const script = ['set -e', PRELUDE, ...translator.lines].join('\n')
  const daemon = startDaemon([...NAMESPACE, 'sh', '-c', script, folder], { program: 'unshare', cwd: '/' })
  await daemon.line('the image is built')
  const first = (): number => firstPid(daemon)
  const run = (text: string): string =>
    execFileSync(
      'nsenter',
      ['-t', String(first()), '-m', '-p', '-r', '-w', 'env', '-i', `PATH=${PATH}`, 'sh', '-c', text],
      {
        encoding: 'utf8',
        stdio: 'pipe',
      },
    )
  return { daemon, healthcheck: translator.healthcheck, first, run }
}

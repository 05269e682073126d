// `kahi install --as service`: writes a unit for systemd that runs `kahi daemon`, and on wish a file for sysusers that
// makes its user. Nothing is started: the next commands are printed. `--undo` removes what was written.

import { existsSync, realpathSync, rmdirSync, rmSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readProgram } from '../../runtime/system/guarded.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { refusalOf, WriteError, writeWhole } from '../write-file.ts'
import { firstOutside } from './inside.ts'
import { unitText } from './unit.ts'

const UNIT = 'etc/systemd/system/kahi.service'
const USERS = 'etc/sysusers.d/kahi.conf'
/** The first line of files that this command writes: others are not replaced and not removed. */
const MARK = '# Written by kahi install --as service; --undo removes it.'

/** What is installed. */
export interface Service {
  /** The path of kahi. */
  readonly program: string
  /** The configuration. */
  readonly config: string
  /** The user that runs the daemon; root by default. */
  readonly user: string | undefined
  /** The root directory of the machine or image. */
  readonly root: string
}

/** Writes the unit. Gives the exit code. */
export function installService(service: Service): number {
  const files = filesOf(service)
  if (leadsOutside(service.root, files)) return EXIT.no
  const foreign = files.filter(({ path }) => existsSync(path) && !isOurs(path))
  if (foreign.length > 0) {
    for (const { path } of foreign) printProblem(`${path} exists and was not written by kahi`, 'move it away first')
    return EXIT.no
  }
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true })
      writeWhole(path, text, { force: true, mode: 0o644 })
      print(`wrote ${path}`)
    }
    printNext(service)
    return EXIT.ok
  } catch (error) {
    const isWrite = error instanceof WriteError
    printProblem(isWrite ? error.message : refusalOf(error), 'run it as root, or name another root with --dir')
    return EXIT.refused
  }
}

/** Removes what installService() wrote. Gives the exit code. */
export function removeService(root: string): number {
  const paths = [UNIT, USERS].map((path) => join(resolve(root), path)).filter((path) => existsSync(path))
  if (
    leadsOutside(
      root,
      paths.map((path) => ({ path })),
    )
  )
    return EXIT.no
  const foreign = paths.filter((path) => !isOurs(path))
  for (const path of foreign) printProblem(`${path} was not written by kahi and stays as it is`)
  try {
    for (const path of paths.filter(isOurs)) {
      rmSync(path)
      print(`removed ${path}`)
      removeIfEmpty(dirname(path))
    }
  } catch (error) {
    printProblem(refusalOf(error), 'run it as root')
    return EXIT.refused
  }
  if (paths.length === 0) print('there is no unit of kahi')
  else if (resolve(root) === '/')
    print('next: systemctl daemon-reload; a daemon that runs keeps running until it is stopped')
  return foreign.length === 0 ? EXIT.ok : EXIT.no
}

/** Prints that a link of the image leads out of it, where one does. */
function leadsOutside(root: string, files: readonly { readonly path: string }[]): boolean {
  const outside = firstOutside(
    resolve(root),
    files.map(({ path }) => path),
  )
  if (outside === undefined) return false
  printProblem(`${outside} is not inside ${root}: a link leads out of it`, 'nothing was changed')
  return true
}

interface Text {
  readonly path: string
  readonly text: string
}

function filesOf({ program, config, user, root }: Service): readonly Text[] {
  const base = resolve(root)
  const seen = seenFrom(base, program)
  const text = `${MARK}\n${unitText({ program: seen, config, user, node: nodeFor(program) })}`
  const unit: Text = { path: join(base, UNIT), text }
  if (user === undefined) return [unit]
  const users = [MARK, `u ${user} - "kahi and its programs" /var/lib/kahi`, ''].join('\n')
  return [unit, { path: join(base, USERS), text: users }]
}

/** systemd's PATH is short: Node.js elsewhere is named. Source: systemd 252, systemd.exec(5), environment variables. */
function nodeFor(program: string): string | undefined {
  const isPrivate = existsSync(join(dirname(program), 'node'))
  const isUsual = /^\/(?:usr\/(?:local\/)?)?s?bin$/.test(dirname(process.execPath))
  return isPrivate || isUsual ? undefined : process.execPath
}

function printNext({ config, user, root }: Service): void {
  if (resolve(root) !== '/') return
  const users = user === undefined ? '' : 'systemd-sysusers kahi.conf && '
  if (!existsSync(config)) print(`${config} does not exist yet: kahi migrate or kahi init writes one`)
  print(`next: ${users}systemctl daemon-reload && systemctl enable --now kahi`)
  if (user !== undefined)
    print('the socket: kahi ctl -s /run/kahi/kahi.sock status, unless the configuration names another one')
  print('kahi install --as service --undo removes what was written')
}

function isOurs(path: string): boolean {
  try {
    return readProgram(path, MARK.length).toString() === MARK
  } catch {
    return false // a FIFO, a directory, or a file that may not be read
  }
}

/** The path of the program when `root` is the root directory. */
function seenFrom(root: string, program: string): string {
  const real = realpathSync(program)
  return root !== '/' && real.startsWith(`${root}/`) ? real.slice(root.length) : real
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // it has other files
  }
}

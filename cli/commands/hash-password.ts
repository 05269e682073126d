// `kahi hash-password`: makes what a server's `password` or `tokens` contains, so that no secret is in the file.

import { createHash, randomBytes } from 'node:crypto'
import { ROLES, TOKEN_PREFIX } from '../../config/model/access.ts'
import { type Command, flagOf, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { print, printProblem } from '../print.ts'
import { readSecret } from '../read-secret.ts'

/** Each further step doubles the time of a check; 10 is about a tenth of a second. */
const COST = 10
/** bcrypt ignores what follows. */
const MOST_BYTES = 72
const TOKEN_BYTES = 32

/** Makes a hash of a password, or a token. */
export const hashPasswordCommand: Command = {
  name: 'hash-password',
  usage: '[--token [--role ROLE] [--name NAME]]',
  summary: 'Make the bcrypt hash of a password, or a token with its hash, for the servers of kahi.toml',
  options: {
    token: { type: 'boolean', summary: 'Make a random token; the token itself is shown only once' },
    role: { type: 'string', summary: 'What the token allows', choices: ROLES, default: 'read' },
    name: { type: 'string', summary: 'The name of the token', default: 'client' },
  },
  positionals: [],
  examples: [
    ['kahi hash-password', 'asks for a password twice and prints its hash'],
    ['pass show kahi | kahi hash-password', 'reads the password from a pipe'],
    ['kahi hash-password --token --role metrics --name prometheus', 'a token for Prometheus'],
  ],
  run: async (args) => {
    if (flagOf(args, 'token')) return makeToken(textOf(args, 'name') ?? 'client', textOf(args, 'role') ?? 'read')
    const password = await readSecret('Password: ')
    if (password === undefined) return EXIT.no
    if (process.stdin.isTTY && (await readSecret('Once more: ')) !== password)
      return problem('the passwords differ', 'try again')
    if (password === '') return problem('the password is empty', 'type one, or pass it through a pipe')
    if (Buffer.byteLength(password) > MOST_BYTES)
      return problem(
        `the password has more than ${MOST_BYTES} bytes, and bcrypt ignores the rest`,
        'take a shorter one',
      )
    const { default: bcrypt } = await import('bcryptjs')
    print(await bcrypt.hash(password, COST))
    return EXIT.ok
  },
}

function problem(message: string, hint: string): number {
  printProblem(message, hint)
  return EXIT.usage
}

function makeToken(name: string, role: string): number {
  const token = `${TOKEN_PREFIX}${randomBytes(TOKEN_BYTES).toString('base64url')}`
  const hash = createHash('sha256').update(token).digest('hex')
  const key = /^[\w-]+$/.test(name) ? name : JSON.stringify(name)
  print(`token: ${token}`)
  print(`tokens = { ${key} = { hash = "sha256:${hash}", role = "${role}" } }`)
  return EXIT.ok
}

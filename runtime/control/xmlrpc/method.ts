// The type of an XML-RPC method: a row with its parameters, from which its help and its signature are made.

import type { Room } from '../operations/operation.ts'
import type { Controlled } from '../operations/supervised.ts'
import { Fault } from './faults.ts'
import type { Value } from './values.ts'

/** Names of types as in the help of supervisord. */
export type TypeName = 'string' | 'int' | 'boolean' | 'array' | 'struct'

/** A parameter; with a fallback it is optional. */
export interface Parameter {
  readonly name: string
  readonly type: TypeName
  readonly help: string
  readonly fallback?: Value
}

/** The arguments of a call, whose number was checked. */
export class Arguments {
  readonly #values: readonly Value[]

  constructor(values: readonly Value[]) {
    this.#values = values
  }

  /** A text; numbers count as text. */
  text(index: number): string {
    const value = this.#values[index]
    if (typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    throw new Fault('INCORRECT_PARAMETERS')
  }

  /** A whole number; a text of digits counts as one. */
  whole(index: number): number {
    const value = this.#values[index]
    const number = typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value
    if (typeof number === 'number' && Number.isFinite(number)) return Math.trunc(number)
    throw new Fault('INCORRECT_PARAMETERS')
  }

  /** A truth value, by Python's rules. */
  flag(index: number): boolean {
    const value = this.#values[index]
    if (Array.isArray(value)) return value.length > 0
    return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)
  }

  /** A list. */
  list(index: number): readonly Value[] {
    const value = this.#values[index]
    if (Array.isArray(value)) return value as readonly Value[]
    throw new Fault('INCORRECT_PARAMETERS')
  }
}

/** What a method may do for a client. */
export interface Caller {
  /** Takes the memory for a long answer before it is made. */
  readonly room: Room
  /** It came over TCP to a server without a password: it sees commands without their secrets. */
  readonly isStranger: boolean
  /** Says that it begins to change something; the function that this gives says with which result. */
  audit(action: string): (result: string) => void
}

/** One method. */
export interface Method {
  /** Its name with the namespace: `supervisor.getState`. */
  readonly name: string
  readonly help: string
  readonly parameters: readonly Parameter[]
  /** Type and meaning of the answer. */
  readonly returns: readonly [TypeName, string]
  call(controlled: Controlled, given: Arguments, caller: Caller): Promise<Value> | Value
}

/** The arguments of a call, with fallbacks. Throws a Fault when there are too many or too few. */
export function checkArguments({ parameters }: Method, values: readonly Value[]): Arguments {
  if (values.length > parameters.length) throw new Fault('INCORRECT_PARAMETERS')
  const complete = parameters.map(({ fallback }, index) => values[index] ?? fallback)
  if (complete.includes(undefined)) throw new Fault('INCORRECT_PARAMETERS')
  return new Arguments(complete as Value[])
}

/** The help of a method, with its parameters in the form that clients of supervisord know. */
export function helpOf({ help, parameters, returns: [type, meaning] }: Method): string {
  const lines = parameters.map((one) => `@param ${one.type} ${one.name}  ${one.help}`)
  return ` ${[`${help}`, '', ...lines, `@return ${type} result  ${meaning}`].join('\n        ')}\n        `
}

/** The types of the answer and of the parameters. */
export function signatureOf({ parameters, returns }: Method): readonly TypeName[] {
  return [returns[0], ...parameters.map(({ type }) => type)]
}

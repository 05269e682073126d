// All methods: the tables together, the methods about methods, and how a method is called. Source: supervisor 4.2.5,
// xmlrpc.SystemNamespaceRPCInterface and traverse.

import { compareText } from '../../../config/model/compare.ts'
import { LOG_LIMIT_BYTES } from '../operations/logs.ts'
import type { Room } from '../operations/operation.ts'
import { ControlError } from '../operations/errors.ts'
import type { Controlled } from '../operations/supervised.ts'
import { ownTurn } from '../../system/turn.ts'
import { daemonMethods } from './daemon-methods.ts'
import { Fault } from './faults.ts'
import { logMethods } from './log-methods.ts'
import { type Caller, checkArguments, helpOf, type Method, signatureOf } from './method.ts'
import { processMethods } from './process-methods.ts'
import { about } from './targets.ts'
import type { Value } from './values.ts'

const OF_METHOD = { name: 'name', type: 'string', help: 'The method' } as const

const systemMethods: readonly Method[] = [
  {
    name: 'system.listMethods',
    help: 'All methods',
    parameters: [],
    returns: ['array', 'Their names, sorted'],
    call: () => [...methods.keys()].sort(compareText),
  },
  {
    name: 'system.methodHelp',
    help: 'What a method is for',
    parameters: [OF_METHOD],
    returns: ['string', 'Its help'],
    call: (_controlled, given) => helpOf(findForHelp(given.text(0))),
  },
  {
    name: 'system.methodSignature',
    help: 'The types of a method',
    parameters: [OF_METHOD],
    returns: ['array', 'The type of its answer and those of its parameters'],
    call: (_controlled, given) => signatureOf(findForHelp(given.text(0))),
  },
  {
    name: 'system.multicall',
    help: 'Calls one method after the other',
    parameters: [{ name: 'calls', type: 'array', help: 'Structs with methodName and params' }],
    returns: ['array', 'Each answer, or a struct with faultCode and faultString'],
    call: (controlled, given, caller) => callAll(controlled, given.list(0), caller),
  },
]

const methods: ReadonlyMap<string, Method> = new Map(
  [...processMethods, ...logMethods, ...daemonMethods, ...systemMethods].map((method) => [method.name, method]),
)

/** Calls a method. Rejects with Fault. */
export async function callMethod(
  controlled: Controlled,
  name: string,
  values: readonly Value[],
  caller: Caller,
): Promise<Value> {
  const method = methods.get(name)
  if (method === undefined) throw new Fault('UNKNOWN_METHOD')
  const given = checkArguments(method, values)
  if (controlled.supervisor.phase === 'stopping' && !isAnsweredToTheEnd(name)) throw new Fault('SHUTDOWN_STATE')
  return ONLY_READS.test(name)
    ? method.call(controlled, given, caller)
    : change(name, values[0], caller, async () => method.call(controlled, given, caller))
}

/** The calls of a multicall are audited one by one. */
const ONLY_READS = /^system\.|\.(?:get|read|tail)/

async function change(
  name: string,
  subject: Value | undefined,
  caller: Caller,
  work: () => Promise<Value>,
): Promise<Value> {
  const tell = caller.audit(typeof subject === 'string' ? `${name} ${subject}` : name)
  try {
    const answer = await work()
    tell('done')
    return answer
  } catch (error) {
    tell(error instanceof Fault ? error.message : 'failed')
    throw error
  }
}

/**
 * Methods that are answered while the daemon stops. Source: supervisor 4.2.5, SupervisorNamespaceRPCInterface._update.
 */
function isAnsweredToTheEnd(name: string): boolean {
  return name.startsWith('system.') || name === 'supervisor.sendRemoteCommEvent'
}

/** The most that the answers may have together, in characters: one whole log of the longest kind, and a little more. */
const MULTICALL_LIMIT = LOG_LIMIT_BYTES + 1024 * 1024
const TOO_LONG = 'the answers of this multicall are too long; make fewer calls at once'

/**
 * Answers are not wrapped in lists of one element, as other servers do: clients of supervisord expect it so. An answer
 * for which there is no room becomes a fault.
 */
async function callAll(controlled: Controlled, calls: readonly Value[], caller: Caller): Promise<Value> {
  const answers: Value[] = []
  let size = 0
  let taken = 0
  const within: Room = async (bytes) => {
    if (size + bytes > MULTICALL_LIMIT) throw new ControlError('FAILED', TOO_LONG)
    await caller.room(bytes)
    taken += bytes
  }
  for (const one of calls) {
    // multicalls of many clients that wait for the same event must not all answer before one answer is counted
    await ownTurn()
    taken = 0
    const answer = await callOne(controlled, one, { ...caller, room: within })
    const more = sizeOf(answer) - taken
    const fault = more <= 0 ? undefined : await about(undefined, () => within(more)).catch(faultStruct)
    const kept = fault ?? answer
    size += sizeOf(kept)
    answers.push(kept)
  }
  return answers
}

async function callOne(controlled: Controlled, one: Value, caller: Caller): Promise<Value> {
  const { methodName, params = [] } = isStruct(one) ? one : {}
  try {
    if (typeof methodName !== 'string') throw new Fault('INCORRECT_PARAMETERS', 'No methodName')
    if (methodName === 'system.multicall') {
      throw new Fault('INCORRECT_PARAMETERS', 'Recursive system.multicall forbidden')
    }
    if (!Array.isArray(params)) throw new Fault('INCORRECT_PARAMETERS')
    return await callMethod(controlled, methodName, params as readonly Value[], caller)
  } catch (error) {
    return faultStruct(error)
  }
}

/** The struct of a fault; throws any other error again. */
function faultStruct(error: unknown): Value {
  if (!(error instanceof Fault)) throw error
  return { faultCode: error.code, faultString: error.message }
}

/** Approximate length of a value as XML. */
function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length
  if (Array.isArray(value)) return (value as readonly Value[]).reduce<number>((sum, one) => sum + sizeOf(one), FRAME)
  if (isStruct(value)) return Object.values(value).reduce<number>((sum, one) => sum + sizeOf(one), FRAME)
  return FRAME
}

/** Length of the tags around a value. */
const FRAME = 50

function isStruct(value: Value): value is { readonly [name: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function findForHelp(name: string): Method {
  const method = methods.get(name)
  if (method === undefined) throw new Fault('SIGNATURE_UNSUPPORTED')
  return method
}

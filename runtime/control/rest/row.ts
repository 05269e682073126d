// The type of an endpoint: a row with the shapes of its input and output, and the operation that it calls. The checks
// of requests, the OpenAPI document, the reference page and the types of `kahi ctl` are made from the rows.

import type * as v from 'valibot'
import type { StreamAnswer } from '../http/stream.ts'
import type { Operation, Room } from '../operations/operation.ts'
import type { Shape } from '../operations/shapes/words.ts'
import type { Controlled, Exposition } from '../operations/supervised.ts'

/**
 * Who may use a row. `open` needs no credentials; the others need them, and are for metrics, for reading, for changes, and
 * for the daemon itself and commands that the client chooses.
 */
export type Access = 'open' | 'metrics' | 'read' | 'control' | 'admin'

type Given<S> = S extends Shape ? v.InferOutput<S> : undefined

/** A request that was read and checked. */
export interface Call<Query, Body> {
  readonly controlled: Controlled
  /** The values of the braces in the path, percent-decoded. */
  readonly path: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  /** The body as it came. */
  readonly text: string
  /** The Accept header; empty when there is none. */
  readonly accept: string
  /** The Last-Event-ID header; empty when there is none. */
  readonly lastEventId: string
  /** The Range header; empty when there is none. */
  readonly range: string
  /** The OpenAPI document of all rows. */
  readonly describe: () => Promise<object>
  /** Takes the memory for a long answer before it is made. */
  readonly room: Room
  /** Whether the client has the right credentials, or needs none. */
  readonly isTrusted: boolean
  /** It came over TCP to a server without a password: it sees commands without their secrets. */
  readonly isStranger: boolean
}

/** What an endpoint answers with: JSON of a shape, a text, a stream of bytes, or metrics. */
export type AnswerKind = Shape | 'text' | 'stream' | 'metrics'

/** What the function of a row returns for its kind of answer. */
export type Answered<A extends AnswerKind> = A extends Shape
  ? v.InferOutput<A>
  : A extends 'text'
    ? Buffer
    : A extends 'metrics'
      ? Exposition
      : StreamAnswer

/** One endpoint. Its key is its method and path. */
export interface Row<
  Query extends Shape | undefined = Shape | undefined,
  Body extends Shape | undefined = Shape | undefined,
  Answer extends AnswerKind = AnswerKind,
> {
  readonly access: Access
  readonly operation: Pick<Operation<never, unknown>, 'summary' | 'errors'>
  readonly query?: Query
  readonly body?: Body
  readonly answer: Answer
  /** The shape of an answer with status 503; for probes. */
  readonly unavailable?: Shape
  /** It answers a Range header with a part. */
  readonly hasParts?: boolean
  /** It runs commands that the client chooses: not allowed over TCP without a password. */
  readonly runsCommands?: boolean
  run(call: Call<Given<Query>, Given<Body>>): Promise<Answered<Answer> | Special> | Answered<Answer> | Special
}

type Special = Unavailable | Part

/** Makes a probe answer with status 503. */
export class Unavailable {
  readonly body: unknown

  constructor(body: unknown) {
    this.body = body
  }
}

/** Makes an answer with status 206: the bytes of a text from `first` on, and the size of the whole. */
export class Part {
  readonly bytes: Buffer
  readonly first: number
  readonly size: number

  constructor({ bytes, first, size }: { readonly bytes: Buffer; readonly first: number; readonly size: number }) {
    this.bytes = bytes
    this.first = first
    this.size = size
  }
}

/** Makes a row and infers its types. */
export function row<
  const Answer extends AnswerKind,
  Query extends Shape | undefined = undefined,
  Body extends Shape | undefined = undefined,
>(one: Row<Query, Body, Answer>): Row<Query, Body, Answer> {
  return one
}

/** A value of the path. The row declares the names, so a missing one is a bug. */
export function pathPart({ path }: Pick<Call<unknown, unknown>, 'path'>, name: string): string {
  const value = path[name]
  if (value === undefined) throw new Error(`a row without {${name}}`)
  return value
}

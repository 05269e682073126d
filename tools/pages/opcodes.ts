// The opcodes for C and for TypeScript, made from the tables of runtime/shim/protocol.md, the only place that defines them.

/** Requests have lower numbers. Answers and reports have this number or a higher one. */
const FIRST_ANSWER = 64

/** An opcode: `SPAWN`, 1. */
type Opcode = readonly [name: string, number: number]

/** All opcodes that the tables of the page name, in their order. */
export function readOpcodes(page: string): readonly Opcode[] {
  return [...page.matchAll(/^\| (\d+) +\| ([A-Z]+) +\|/gm)].map(([, number, name = '']) => [name, Number(number)])
}

/** runtime/shim/native/opcodes.h. */
export function opcodesInC(opcodes: readonly Opcode[]): string {
  const highest = Math.max(...opcodes.map(([, number]) => number).filter((number) => number < FIRST_ANSWER))
  return [
    '/* Made by `npm run docs` from the tables of protocol.md. */',
    '#ifndef KAHI_OPCODES_H',
    '#define KAHI_OPCODES_H',
    '',
    'enum opcode {',
    ...opcodes.map(([name, number]) => `  ${name} = ${number},`),
    `  MAX_REQUEST = ${highest} /* the highest opcode of a request */`,
    '};',
    '',
    '#endif',
    '',
  ].join('\n')
}

/** runtime/shim/client/opcodes.ts. */
export function opcodesInTypeScript(opcodes: readonly Opcode[]): string {
  return [
    '// Made by `npm run docs` from the tables of protocol.md.',
    '',
    '/** The opcodes: requests, answers and reports. */',
    'export const OPCODES = {',
    ...opcodes.map(([name, number]) => `  ${name.toLowerCase()}: ${number},`),
    '} as const',
    '',
  ].join('\n')
}

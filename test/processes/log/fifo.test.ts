// Log targets that are FIFOs.

import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readFileTail } from '../../../runtime/log/readable.ts'
import { RotatingFile } from '../../../runtime/log/rotating-file.ts'
import { openForAppending } from '../../../runtime/system/files.ts'
import { makeFifo, readAvailable, temporaryDirectory } from '../../helpers/pipes.ts'

function fifo(): string {
  const directory = temporaryDirectory()
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return makeFifo(join(directory, 'fifo'))
}

test('a FIFO is neither waited for nor rotated; what does not fit is dropped and counted', () => {
  const path = fifo()
  const problems: string[] = []
  const write = (log: RotatingFile, text: string): void => log.write(Buffer.from(text))
  const file = new RotatingFile({ path, maxBytes: 10, backups: 2, report: (message) => problems.push(message) })
  for (let count = 0; count < 3; count++) write(file, 'x'.repeat(60_000))
  const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const arrived = readAvailable(read).length
  expect(arrived + file.droppedBytes).toBe(180_000)
  expect(file.droppedBytes).toBeGreaterThan(100_000)
  expect(problems).toEqual([`cannot write to ${path}: EAGAIN; output is dropped`])
  write(file, 'again')
  expect(readAvailable(read).toString()).toBe('again')
  for (let count = 0; count < 100; count++) write(file, '.')
  expect(problems.slice(1)).toEqual([`${path} can be written again; ${file.droppedBytes} bytes were dropped`])
  closeSync(read)
})

test('a FIFO opens without a reader, and has no last bytes', () => {
  const path = fifo()
  const { fd, regular, size } = openForAppending(path)
  closeSync(fd)
  expect({ regular, size }).toEqual({ regular: false, size: 0 })
  expect(readFileTail(path, 9)).toHaveLength(0)
})

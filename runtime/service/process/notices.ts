// Reads the messages that a program sends to NOTIFY_SOCKET. The helper receives them and writes them into a pipe, line
// by line. Source: systemd 252, sd_notify(3).

import { Socket } from 'node:net'

/** Called for the messages that have an effect; all others are ignored. */
export interface NoticeListener {
  /** READY=1 */
  ready(): void
  /** STOPPING=1 */
  stopping(): void
  /** STATUS=… */
  status(text: string): void
  /** WATCHDOG=1: it is alive. WATCHDOG=trigger: it says that it is not. */
  alive(isAlive: boolean): void
  /** EXTEND_TIMEOUT_USEC=… */
  extend(delayMs: number): void
}

/** Longest datagram. */
const LONGEST_LINE = 4096

/** Reads from the pipe until the returned function is called. */
export function hearNotices(fd: number, listener: NoticeListener): () => void {
  const socket = new Socket({ fd, readable: true, writable: false })
  let rest = ''
  socket.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n')
    rest = lines.pop()?.slice(-LONGEST_LINE) ?? ''
    for (const line of lines) if (!socket.destroyed) take(line, listener)
  })
  socket.on('error', () => {})
  return () => void socket.destroy()
}

function take(line: string, { ready, stopping, status, alive, extend }: NoticeListener): void {
  const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? []
  if (name === 'READY' && value === '1') ready()
  else if (name === 'STOPPING' && value === '1') stopping()
  else if (name === 'STATUS') status(value)
  else if (name === 'WATCHDOG' && (value === '1' || value === 'trigger')) alive(value === '1')
  else if (name === 'EXTEND_TIMEOUT_USEC' && /^\d{1,12}$/.test(value)) extend(Number(value) / 1000)
}

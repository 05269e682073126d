// What a program says over NOTIFY_SOCKET: lines, which the helper has taken from the socket and put into a pipe.
// Source: systemd 252, sd_notify(3).

import { Socket } from 'node:net'

/** What is done about it; anything else that it says is passed over. */
export interface NoticeListener {
  /** READY=1 */
  ready(): void
  /** STOPPING=1 */
  stopping(): void
  /** STATUS=… */
  status(text: string): void
  /** EXTEND_TIMEOUT_USEC=… */
  extend(delayMs: number): void
}

/** No datagram is longer. */
const LONGEST_LINE = 4096

/** Listens at the pipe until the result is called. */
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

function take(line: string, { ready, stopping, status, extend }: NoticeListener): void {
  const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(line) ?? []
  if (name === 'READY' && value === '1') ready()
  else if (name === 'STOPPING' && value === '1') stopping()
  else if (name === 'STATUS') status(value)
  else if (name === 'EXTEND_TIMEOUT_USEC' && /^\d{1,12}$/.test(value)) extend(Number(value) / 1000)
}

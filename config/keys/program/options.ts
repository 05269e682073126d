// Options that many rows of [programs.X] share.

/** The value is expanded for each process, so it may use %(process_num)d. */
export const process = { scope: 'process' } as const

/** supervisord has no such key. */
export const native = { supervisord: '' } as const

/** A changed value is applied while the process runs. */
export const live = { live: true } as const

/** `native` and `live`. */
export const liveNative = { ...native, ...live } as const

/** `native` and `process`. */
export const nativeProcess = { ...native, ...process } as const

// Handles bugs: an exception that was not caught is reported, and the daemon keeps running, because the services are
// more important than the request that failed.

/** Reports uncaught exceptions and rejections instead of ending the program. Gives a function that undoes it. */
export function onInternalError(report: (error: unknown) => void): () => void {
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
  return () => {
    process.off('uncaughtException', report)
    process.off('unhandledRejection', report)
  }
}

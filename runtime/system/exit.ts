// What happens to bugs: an exception that nobody caught is reported and the daemon goes on, because the
// services matter more than the request that failed.

/** Reports exceptions and rejections that nobody handles instead of ending the program. Returns what undoes it. */
export function onInternalError(report: (error: unknown) => void): () => void {
  process.on('uncaughtException', report)
  process.on('unhandledRejection', report)
  return () => {
    process.off('uncaughtException', report)
    process.off('unhandledRejection', report)
  }
}

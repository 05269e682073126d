// The version of kahi, from package.json: the build puts it in.

declare const KAHI_VERSION: string | undefined

/** `0.1.0`; `development` when the sources run unbuilt. */
export const VERSION: string = typeof KAHI_VERSION === 'string' ? KAHI_VERSION : 'development'

// What the name of a base image says: images that bring s6-overlay or supervisord, and images whose C library is musl.

import type { Daemon } from './entry.ts'

const BASES: readonly (readonly [Daemon, RegExp])[] = [
  ['s6-overlay', /(?:^|\/)(?:linuxserver|lsiobase)\/|^lscr\.io\/|(?:^|\/)s6-overlay|(?:^|[/-])s6(?:[:@-]|$)/],
  ['s6-overlay', /hassioaddons\/|hassio-addons\/|home-assistant\/.*base|homeassistant\/.*base/],
  ['s6-overlay', /(?:^|\/)(?:serversideup\/php|crazymax\/alpine-s6|sdr-enthusiasts\/docker-baseimage)/],
  ['supervisord', /(?:^|\/)(?:webdevops|tiangolo)\/|(?:^|[/-])supervisor(?:d)?(?:[:@-]|$)|richarvey\/nginx-php-fpm/],
]

/** The daemon that a base image is known to bring. */
export function daemonOfImage(image: string): Daemon | undefined {
  return BASES.find(([, name]) => name.test(image))?.[0]
}

/** Whether the C library of an image is musl: Alpine, and images that say so in their name. */
export function isMusl(image: string): boolean {
  return /alpine|musl/i.test(image)
}

/** The first Alpine whose package nodejs is new enough for kahi: 22 in Alpine 3.21. Source: Alpine's package index. */
const ALPINE_WITH_NODE = [3, 21] as const

/** Whether the Alpine that an image names is too old; undefined when it names none. */
export function isOldAlpine(image: string): boolean | undefined {
  if (/(?:^|\/)alpine(?::latest|:edge)?$/i.test(image)) return false
  const [, major, minor] = /alpine[a-z-]*[:-]?v?(\d+)\.(\d+)/i.exec(image) ?? []
  if (major === undefined || minor === undefined) return undefined
  const version = [Number(major), Number(minor)] as const
  return version[0] < ALPINE_WITH_NODE[0] || (version[0] === ALPINE_WITH_NODE[0] && version[1] < ALPINE_WITH_NODE[1])
}

/** Whether an image is known to have no C and C++ library: it contains static programs alone. */
export function hasNoLibrary(image: string): boolean {
  return image === 'scratch' || /(?:^|\/)distroless\/(?:static|base)\b|(?:^|\/)busybox(?:[:@]|$)/.test(image)
}

const OLD =
  /(?:^|[/:-])(?:(?:debian:?|buildpack-deps:)(?:[6-9](?:[.-]|$)|wheezy|jessie|stretch|oldoldoldstable)|ubuntu:?(?:1[0-8]\.\d+|precise|trusty|xenial|bionic)|centos:?[5-7](?:\b|\.)|openjdk-[678]-jre$)|(?:[:-])(?:wheezy|jessie|stretch|trusty|xenial|bionic)(?:[-:]|$)/i

/** Whether the name of an image says that its C library is older than glibc 2.28. Source: BUILDING.md of Node.js 20. */
export function hasOldLibrary(image: string): boolean {
  return OLD.test(image)
}

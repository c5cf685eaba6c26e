import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '../../node/core/ports.ts'

/** What `fdio.c` gives. Results are values, or a negative errno of Linux. */
export interface Fdio {
  /** Never waits, and is not handed to child processes. */
  readonly open: (path: string, flags: number) => number
  readonly close: (fd: number) => number
  /** 0 is the end, or a device that had nothing: `isHungUp` tells. */
  readonly read: (fd: number, bytes: Uint8Array) => number
  readonly write: (fd: number, bytes: Uint8Array) => number
  readonly isHungUp: (fd: number) => boolean
  /** The structure is changed in place. */
  readonly ioctl: (fd: number, request: number, structure: Uint8Array) => number
  readonly ioctlInt: (fd: number, request: number, value: number) => number
  /** A negative `status` is an errno, and the end of it. Must be unwatched before `close`. */
  readonly watch: (
    fd: number,
    events: number,
    onReady: (status: number, events: number) => void
  ) => Watcher | number
  readonly rearm: (watcher: Watcher, events: number) => number
  readonly unwatch: (watcher: Watcher) => void
}

/** The addon's own; there is nothing in it for us. */
export type Watcher = object

/** Events of `watch`, as libuv numbers them. */
export const READABLE = 1
export const WRITABLE = 2

/**
 * Loads the addon, which Node does once however often it is asked. It is looked for beside each
 * folder above this file, so that the sources, `dist/drivers` and the bundle in `dist/bin` find
 * the same one; a test may name another in STALL_FDIO. Throws a `Fault`.
 */
export function loadFdio(options: LoadOptions = {}): Fdio {
  const {
    platform = process.platform,
    arch = process.arch,
    named = process.env['STALL_FDIO'] || undefined
  } = options
  if (platform !== 'linux') throw lacks(`it is made for Linux, and this is ${platform}`, SIMULATE)
  const name = join('drivers', 'native', 'prebuilds', `linux-${arch}`, 'fdio.node')
  const path = named ?? above(options.from ?? HERE).find(dir => existsSync(join(dir, name)))
  if (path === undefined) throw lacks(`there is no ${name} beside the program`, BUILD)
  try {
    const addon: unknown = createRequire(import.meta.url)(named ?? join(path, name))
    if (isFdio(addon)) return addon
  } catch (error) {
    // Of another processor, or in need of another libc.
    throw lacks(`it does not load: ${error instanceof Error ? firstLine(error) : error}`, BUILD)
  }
  throw lacks(`${path} is of another version of stallmesh`, BUILD)
}

/** Watches what can be read. A descriptor that cannot be watched is closed, and `fault` thrown. */
export function watchReadable(options: {
  readonly fdio: Fdio
  readonly fd: number
  readonly onReady: (status: number, events: number) => void
  readonly fault: (result: number) => Error
}): Watcher {
  const { fdio, fd, onReady, fault } = options
  const watcher = fdio.watch(fd, READABLE, onReady)
  if (typeof watcher !== 'number') return watcher
  fdio.close(fd)
  throw fault(watcher)
}

interface LoadOptions {
  readonly platform?: string
  readonly arch?: string
  /** A path that is taken instead of looking. */
  readonly named?: string
  /** Where to look from. */
  readonly from?: string
}

const HERE = dirname(fileURLToPath(import.meta.url))
const BUILD = 'Run npm run native in the folder of the program; it needs gcc, make and python3.'
const SIMULATE = 'Put simulated = true into the table of this device, or run the stall on Linux.'

const above = (dir: string): string[] =>
  dir === dirname(dir) ? [dir] : [dir, ...above(dirname(dir))]

const firstLine = ({ message }: Error): string => message.split('\n')[0] ?? ''

const lacks = (why: string, fix: string): Fault =>
  new Fault({
    code: 'addon-missing',
    message: `The program's own part for GPIO and USB (fdio) is missing: ${why}.`,
    fix,
    isRetryable: false
  })

const FUNCTIONS = [
  'open',
  'close',
  'read',
  'write',
  'isHungUp',
  'ioctl',
  'ioctlInt',
  'watch',
  'rearm',
  'unwatch'
] as const satisfies readonly (keyof Fdio)[]

const isFdio = (addon: unknown): addon is Fdio =>
  typeof addon === 'object' &&
  addon !== null &&
  FUNCTIONS.every(name => typeof Reflect.get(addon, name) === 'function')

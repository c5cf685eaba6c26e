import { join } from 'node:path'
import { readIfThere, replaceFile } from '../disk/replace.ts'
import { guardFiles } from './keyfile.ts'

/**
 * The files of a keys folder. Either the certificate comes last, or for a stall that waits to be
 * admitted the ticket: with one of them the folder is whole.
 */
export const FILES = {
  device: 'device.key',
  vendor: 'vendor.key',
  /** Of a development market, whose operator is the stall itself. */
  operator: 'operator.key',
  operatorPublic: 'operator.pub',
  market: 'market.key',
  marketPublic: 'market.pub',
  ticket: 'ticket',
  /** What it asked for: the name that it waits under. */
  request: 'request',
  delegation: 'delegation',
  members: 'members',
  certificate: 'device.cert'
} as const

/** Counts from 1. */
export const formerVendorFile = (count: number): string => `vendor-before-${count}.key`

export const readKeyFile = (dir: string, name: string): Promise<Uint8Array | undefined> =>
  guardFiles(join(dir, name), () => readIfThere(join(dir, name)))

/** For what is no secret. */
export const writeKeyFile = (dir: string, name: string, bytes: Uint8Array): Promise<void> =>
  guardFiles(join(dir, name), () =>
    replaceFile({ path: join(dir, name), parts: [bytes], mode: 0o644 })
  )

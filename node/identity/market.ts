import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'
import { type DeviceCertificate, signDeviceCertificate } from '../wire/certificate.ts'
import { keyId } from '../wire/keys.ts'
import { FILES } from './folder.ts'
import { loadOrMakeKey } from './keyfile.ts'

/** Who says which devices belong to a market. */
export interface Market {
  /** The market's domain; `dev.<8 hex>` for one that a stall made for itself. */
  readonly name: string
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
}

/**
 * Loads the market key of `dir`, or makes one. Without a name it is a development market, named
 * after its own key so that two of them are never taken for one. Rejects with a `Fault`.
 */
export async function openMarket(options: {
  readonly dir: string
  readonly name?: string
  readonly random: (size: number) => Uint8Array
}): Promise<Market> {
  const { dir, name, random } = options
  const path = join(dir, FILES.market)
  const { privateKey, publicKey } = await loadOrMakeKey({ path, kind: 'ed25519', random })
  const tag = Buffer.from(keyId(publicKey).subarray(0, 4)).toString('hex')
  return { name: name ?? `dev.${tag}`, publicKey, privateKey }
}

/** Takes a device into the market. */
export const admit = (market: Market, device: Omit<DeviceCertificate, 'market'>): Uint8Array =>
  signDeviceCertificate({ ...device, market: market.name }, market.privateKey)

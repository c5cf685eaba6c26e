import { join } from 'node:path'
import type { Role } from '../../node/core/role.ts'
import { type Device, openDevice } from '../../node/identity/device.ts'
import { keyPair } from '../../node/identity/keyfile.ts'
import { type Duty, signDelegation, signDeviceCertificate } from '../../node/wire/certificate.ts'
import { pooledRandom } from '../../node/wire/seal.ts'

/** A market that exists only in memory, with the stalls that it admits. */
export interface MadeMarket {
  readonly name: string
  readonly key: ReturnType<typeof keyPair>
  readonly admit: (device: Device, signer?: Admitter) => Device
  readonly delegate: (device: Device, ...duties: readonly Duty[]) => Admitter
}

export interface Admitter {
  readonly device: Device
  readonly delegation: Uint8Array
}

const random = pooledRandom()

export function makeMarket(name = 'market.example'): MadeMarket {
  const key = keyPair('ed25519', random(32))
  const roles: readonly Role[] = ['stall']
  return {
    name,
    key,
    admit: (device, signer) => {
      const words = { market: name, stall: device.stall, key: device.publicKey, roles }
      const certificate = signer
        ? signDeviceCertificate(words, signer.device.privateKey, signer.delegation)
        : signDeviceCertificate(words, key.privateKey)
      return { ...device, market: name, marketKey: key.publicKey, certificate }
    },
    delegate: (device, ...duties) => ({
      device,
      delegation: signDelegation({ market: name, key: device.publicKey, duties }, key.privateKey)
    })
  }
}

/** A stall as it is before any market knows it. */
export const makeDevice = (dir: string, stall: string): Promise<Device> =>
  openDevice({ dir: join(dir, `${stall} ${random(4).join('')}`), dataDir: dir, stall, random })

import { join } from 'node:path'
import type { DeviceKey } from '../../node/core/id.ts'
import { type Device, openDevice } from '../../node/identity/device.ts'
import { enrol, install, requestAdmission } from '../../node/identity/enrol.ts'
import { keyPair } from '../../node/identity/keyfile.ts'
import { makeMarketFolder, openMarketFolder } from '../../node/identity/office.ts'
import type { AdmitRefusal, Admitted, Registrar } from '../../node/identity/registrar.ts'
import { type Duty, signDelegation, signDeviceCertificate } from '../../node/wire/certificate.ts'
import { deviceKeyOf } from '../../node/wire/keys.ts'
import { pooledRandom } from '../../node/wire/seal.ts'

export const random = pooledRandom()

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

export function makeMarket(name = 'market.example'): MadeMarket {
  const key = keyPair('ed25519', random(32))
  return {
    name,
    key,
    admit: (device, signer) => {
      const { stall, publicKey } = device
      const words = { market: name, stall, key: publicKey, roles: ['stall'] as const }
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

let count = 0

/** A stall as it is before any market knows it. */
export const makeDevice = (dir: string, stall: string): Promise<Device> =>
  openDevice({ dir: join(dir, `keys-${count++}`), dataDir: dir, stall, random })

export const keyOf = ({ publicKey }: Device): DeviceKey => deviceKeyOf(publicKey)

/** The office of a market in a folder of its own, as `stall market init` makes it. */
export async function makeOffice(dir: string, name = 'market.example'): Promise<Registrar> {
  await makeMarketFolder({ dir, name, random })
  return (await openMarketFolder(dir)).registrar
}

export const AT = Date.UTC(2026, 10, 24, 18)
const DAY_MS = 86_400_000
export const ticketOf = (office: Registrar): Uint8Array => office.ticket(AT + DAY_MS)

/** A stall with a ticket that waits to be admitted. */
export async function enrolled(dir: string, ticket: Uint8Array, stall: string): Promise<Device> {
  await enrol({ dir, dataDir: join(dir, '..'), ticket, random })
  return openDevice({ dir, dataDir: join(dir, '..'), stall, random })
}

export const WITH_TICKET = { now: AT, needsTicket: true }

/** The same stall once the office has answered. */
export async function admitted(
  office: Registrar,
  options: { readonly dir: string; readonly stall: string; readonly isAdmitter?: boolean }
): Promise<Device> {
  const { dir, stall, isAdmitter = false } = options
  const waiting = await enrolled(dir, ticketOf(office), stall)
  const rules = { ...WITH_TICKET, isAdmitter }
  const answer = granted(await office.admit(await requestAdmission(waiting), rules))
  await install({ dir, ...answer })
  return openDevice({ dir, dataDir: join(dir, '..'), stall, random })
}

export function granted(answer: Admitted | AdmitRefusal): Admitted {
  if ('refused' in answer) throw new Error(`Refused: ${answer.refused}`)
  return answer
}

export const refusalIn = (answer: object): string | undefined =>
  'refused' in answer ? String(answer.refused) : undefined

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Inbox, openInbox } from '../../broker/inbox.ts'
import { type Dialler, openDialler } from '../../broker/link.ts'
import type { TakeLink } from '../../node/core/ports.ts'
import { type Members, noMembers } from '../../node/core/share/members.ts'
import { type Credentials, openCredentials } from '../../node/identity/credentials.ts'
import type { Device } from '../../node/identity/device.ts'
import { openAccess } from '../../node/mesh/access.ts'
import { type MadeMarket, makeDevice, makeMarket } from '../identity/market.ts'

/** A stall's place in a market: its keys, and who it believes to belong. */
export interface Member {
  readonly device: Device
  readonly credentials: Credentials
  members: Members
}

export interface Alley {
  readonly admit: (stall: string, market?: MadeMarket) => Promise<Member>
  readonly remove: () => Promise<void>
}

export async function openAlley(): Promise<Alley> {
  const dir = await mkdtemp(join(tmpdir(), 'alley-'))
  const own = makeMarket()
  return {
    admit: async (stall, market = own) => {
      const device = market.admit(await makeDevice(dir, stall))
      const member = { device, members: noMembers(market.name) }
      const credentials = openCredentials(device, () => member.members)
      return Object.assign(member, { credentials })
    },
    remove: () => rm(dir, { recursive: true })
  }
}

export const openInboxOf = (
  { credentials }: Member,
  take: TakeLink,
  options: { readonly port?: number } = {}
): Promise<Inbox> =>
  openInbox({
    port: options.port ?? 0,
    host: '127.0.0.1',
    tls: credentials.tls,
    judge: credentials.verifyPeer,
    gateFor: stallOf => openAccess({ stallOf }),
    take,
    now: () => performance.now()
  })

let links = 0

export const openDiallerOf = ({ device, credentials }: Member): Dialler =>
  openDialler({
    self: device.stall,
    tls: credentials.tls,
    judge: credentials.verifyPeer,
    will: () => {
      links += 1
      return Uint8Array.of(links)
    },
    now: () => performance.now()
  })

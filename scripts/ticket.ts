import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openDevice } from '../node/identity/device.ts'
import { enrol, keepRequest, readTicket, requestAdmission } from '../node/identity/enrol.ts'
import { lockFolder } from '../node/ledger/lock.ts'
import { readGiven } from './admitting.ts'

/** Where a card brings its ticket: beside its configuration, or in the data folder. */
const FOLDERS = ['/boot/firmware', '/boot', '/etc/stallmesh']

/**
 * Lets a new card join by the ticket that lies on it, at its first start. Gives what was asked for
 * and where; undefined when the stall has keys already, or there is no ticket. Rejects with a
 * `Fault` for a ticket that is none: better now, while whoever put it there stands by.
 */
export async function enrolByTicket(options: {
  readonly dataDir: string
  readonly stall: string
}): Promise<{ readonly market: string; readonly request: string } | undefined> {
  const { dataDir, stall } = options
  const dir = join(dataDir, 'keys')
  if (['device.cert', 'ticket'].some(name => existsSync(join(dir, name)))) return undefined
  const path = [...FOLDERS, dataDir].map(each => join(each, 'ticket.txt')).find(existsSync)
  if (path === undefined) return undefined
  const ticket = readTicket(String(readGiven(path)))
  const folder = await lockFolder(dataDir)
  try {
    await enrol({ dir, dataDir, ticket, random: randomBytes })
    const device = await openDevice({ dir, dataDir, stall, random: randomBytes })
    await keepRequest(dir, await requestAdmission(device))
    return { market: device.market, request: join(dir, 'request') }
  } finally {
    await folder.release()
  }
}

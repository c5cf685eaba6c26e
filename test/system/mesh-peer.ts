/**
 * A program for network namespaces: one stall's mesh with real beacons, certificates and MQTT.
 * Tells its state on each change as a line of JSON; takes `write N`, `shut STALL KEY` and `stop`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openInbox } from '../../broker/inbox.ts'
import { openDialler } from '../../broker/link.ts'
import { startTimer } from '../../drivers/timer.ts'
import type { DeviceKey } from '../../node/core/id.ts'
import { type Members, noMembers } from '../../node/core/share/members.ts'
import { openCredentials } from '../../node/identity/credentials.ts'
import { keyPair } from '../../node/identity/keyfile.ts'
import { openAccess } from '../../node/mesh/access.ts'
import { openUdp } from '../../node/mesh/lan.ts'
import { signDeviceCertificate } from '../../node/wire/certificate.ts'
import { makeDevice } from '../identity/market.ts'
import { openAlleyStall } from '../mesh/alley.ts'
import { bytesFrom } from '../mesh/author.ts'

/** What a line says. */
export interface PeerState {
  /** Milliseconds since the program began. */
  readonly at: number
  /** The time of day as the program sees it. */
  readonly wall: string
  readonly peers: readonly string[]
  /** The hosts at the other ends of the links. */
  readonly hosts: readonly string[]
  /** `log size` of each log, sorted. */
  readonly sizes: readonly string[]
  readonly device: string
  /** Whose beacon came within the last three seconds. */
  readonly heard: readonly string[]
  readonly faults: readonly string[]
}

const MARKET = 'alley.example'
const [stall = 's1', seed = 'seed'] = process.argv.slice(2)
const dir = mkdtempSync(join(tmpdir(), 'mesh-peer-'))
const marketKey = keyPair('ed25519', bytesFrom('market', seed))
const made = await makeDevice(dir, stall)
const words = { market: MARKET, stall, key: made.publicKey, roles: ['stall'] as const }
const certificate = signDeviceCertificate(words, marketKey.privateKey)
const device = { ...made, market: MARKET, marketKey: marketKey.publicKey, certificate }
let members: Members = noMembers(MARKET)
const credentials = openCredentials(device, () => members)

const now = () => performance.now()
const judge = credentials.verifyPeer
let wills = 0
const { mesh, write, sizes } = await openAlleyStall({
  stall,
  self: { market: MARKET, stall },
  now,
  startTimer,
  random: Math.random,
  openLan: openUdp({ startTimer }),
  ways: openDialler({
    self: stall,
    tls: credentials.tls,
    judge,
    will: () => Uint8Array.of(++wills),
    now
  }),
  openDoor: take =>
    openInbox({
      port: 8883,
      tls: credentials.tls,
      judge,
      gateFor: stallOf => openAccess({ stallOf }),
      take,
      now
    })
})

const state = (): Omit<PeerState, 'at' | 'wall'> => ({
  peers: mesh
    .view()
    .links.map(({ peer }) => peer)
    .sort(),
  hosts: mesh.view().links.map(({ host }) => host ?? ''),
  sizes: [...sizes()].map(([log, size]) => `${log} ${size}`).sort(),
  device: Buffer.from(device.publicKey).toString('hex'),
  heard: (mesh.view().discovery?.sightings ?? [])
    .filter(({ ageMs }) => ageMs < 3_000)
    .map(each => each.stall)
    .sort(),
  faults: mesh.view().faults.map(({ fault }) => fault.message)
})

let told = ''
const tell = setInterval(() => {
  const text = JSON.stringify(state())
  if (text === told) return
  told = text
  console.log(JSON.stringify({ at: now(), wall: new Date().toISOString(), ...state() }))
}, 20)

for await (const line of createInterface(process.stdin)) {
  const [word, what = '', key = ''] = line.split(' ')
  if (word === 'write') write(Number(what))
  if (word === 'shut') {
    const revoked = { device: key as DeviceKey, stall: what, why: 'lost' as const, logs: [] }
    members = { ...members, epoch: members.epoch + 1, revoked: [revoked] }
    mesh.membersChanged()
  }
  if (word === 'stop') break
}
clearInterval(tell)
await mesh.close()
rmSync(dir, { recursive: true })

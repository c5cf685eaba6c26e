import * as assert from 'uvu/assert'
import { startTimer } from '../../drivers/timer.ts'
import { openUdp } from '../../node/mesh/lan.ts'
import {
  type Alley,
  type Member,
  openAlley,
  openDiallerOf,
  openInboxOf
} from '../broker/members.ts'
import { suite } from '../harness.ts'
import { makeMarket } from '../identity/market.ts'
import { until } from '../wait.ts'
import { type AlleyStall, openAlleyStall } from './alley.ts'
import { freeUdpPort } from './free-port.ts'

const isLoopback = (name: string) => name === 'lo' || name.startsWith('lo0')

/** Real beacons, certificates, TLS and MQTT; three stalls in one process. */
suite('mesh over TLS', test => {
  let alley: Alley
  let udpPort: number
  const open = new Map<string, AlleyStall>()
  test.before(async () => {
    alley = await openAlley()
    udpPort = await freeUdpPort()
  })
  test.after(async () => {
    await Promise.all([...open.values()].map(({ mesh }) => mesh.close()))
    open.clear()
    await alley.remove()
  })
  const start = async (member: Member, port = 0): Promise<AlleyStall> => {
    const { stall } = member.device
    const opened = await openAlleyStall({
      stall,
      now: () => performance.now(),
      startTimer,
      random: Math.random,
      openLan: openUdp({ port: udpPort, startTimer, isWanted: isLoopback }),
      ways: openDiallerOf(member),
      openDoor: take => openInboxOf(member, take, { port })
    })
    open.set(stall, opened)
    return opened
  }
  const sizes = ({ sizes }: AlleyStall) =>
    [...sizes()].map(([log, size]) => `${log} ${size}`).sort()
  const inStep = (count: number) => () => {
    const all = [...open.values()].map(sizes)
    return all.every(each => each.length === count && `${each}` === `${all[0]}`)
  }

  test('three stalls find each other and hold the same entries', async () => {
    const members = await Promise.all(['s1', 's2', 's3'].map(name => alley.admit(name)))
    const began = performance.now()
    for (const member of members) await start(member)
    for (const { write } of open.values()) write(5)
    await until(inStep(3))
    assert.ok(performance.now() - began < 3_000, `${performance.now() - began} ms`)
    await until(() => [...open.values()].every(({ mesh }) => mesh.view().links.length === 2))
    for (const { mesh } of open.values()) {
      assert.equal(mesh.view().faults, [])
      assert.ok(mesh.view().discovery?.networks.every(({ problem }) => problem === undefined))
    }
  })

  test('a stall that was away is in step again, at another port', async () => {
    const [one, two] = [await alley.admit('s1'), await alley.admit('s2')]
    const there = await start(one)
    const first = await start(two)
    first.write(1)
    await until(inStep(1))
    await first.mesh.close()
    await until(() => there.mesh.view().links.length === 0)
    there.write(3)
    await start(two)
    await until(() => there.mesh.view().links.length === 1)
    await until(() => (open.get('s2')?.sizes().size ?? 0) >= 1)
  })

  test("another market's stall under the same beacons is left alone, with its reason", async () => {
    const here = await start(await alley.admit('s1'))
    // It says to be of this market, as a liar would.
    await start(await alley.admit('s2', makeMarket('other.example')))
    await until(() => here.mesh.view().faults.length > 0)
    const [refused] = here.mesh.view().faults
    assert.is(refused?.fault.code, 'peer-other-market')
    assert.match(refused?.fault.message ?? '', 'It belongs to the market other.example.')
    assert.equal(here.mesh.view().links, [])
  })
})

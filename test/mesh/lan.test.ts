import { startTimer } from '../../drivers/timer.ts'
import { openUdp } from '../../node/mesh/lan.ts'
import { lanContract } from '../contract/lan.ts'
import { freeUdpPort } from './free-port.ts'
import { memoryLan } from './memory-lan.ts'

lanContract('in memory', () => memoryLan(startTimer).openLan)

const port = await freeUdpPort()
// All on one machine, as with several stalls of a developer: they share the port.
lanContract(
  'UDP on loopback',
  () => () =>
    openUdp({ port, startTimer, isWanted: name => name === 'lo' || name.startsWith('lo0') })
)

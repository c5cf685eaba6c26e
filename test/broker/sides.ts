/** Plain aedes and our broker behind one shape, so that one probe asks both the same. */
import { createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import { openBroker } from '../../broker/broker.ts'
import type { EngineLimits, Message } from '../../broker/engine.ts'

export interface Side {
  readonly port: number
  readonly publish: (message: Message) => void
  readonly close: () => Promise<void>
}

export async function openOurs(limits: Partial<EngineLimits> = {}): Promise<Side> {
  return openBroker({ port: 0, limits })
}

export async function openPlain(): Promise<Side> {
  const aedes = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    aedes.handle(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return {
    port: address.port,
    publish({ topic, payload, qos = 0, isRetained: retain = false }) {
      const bytes = Buffer.from(payload)
      const packet = { cmd: 'publish' as const, topic, payload: bytes, qos, retain, dup: false }
      aedes.publish(packet, () => {})
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(resolve => aedes.close(() => server.close(() => resolve())))
    }
  }
}

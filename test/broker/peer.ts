import { connect, type TLSSocket } from 'node:tls'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import { until } from '../wait.ts'
import type { Member } from './members.ts'
import type { RawClient } from './wire.ts'

/** A peer of raw bytes over TLS, which need not be as its certificate promises. */
export async function dialTls(port: number, member: Member | null): Promise<RawClient> {
  const socket: TLSSocket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ...(member && { key: member.credentials.tls.key, cert: member.credentials.tls.cert })
  })
  const heard: Packet[] = []
  const reader = parser()
  reader.on('packet', packet => heard.push(packet))
  socket.on('data', bytes => reader.parse(bytes))
  let isClosed = false
  socket
    .on('error', () => {})
    .on('close', () => {
      isClosed = true
    })
  let isOpen = false
  socket.once('secureConnect', () => {
    isOpen = true
  })
  await until(() => isOpen || isClosed)
  return {
    socket,
    heard,
    send: packet => socket.write(generate(packet)),
    isClosed: () => isClosed,
    close: () => socket.destroy()
  }
}

export async function greetTls(
  port: number,
  member: Member,
  hello: Partial<IConnectPacket> = {}
): Promise<RawClient> {
  const client = await dialTls(port, member)
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: member.device.stall,
    ...hello
  })
  await until(() => client.heard.length > 0 || client.isClosed())
  return client
}

/** A client of raw bytes, for what no well-behaved library would send or leave unread. */
import { connect, type Socket } from 'node:net'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import { until } from '../wait.ts'

export interface RawClient {
  readonly socket: Socket
  readonly heard: readonly Packet[]
  readonly send: (packet: Packet) => void
  readonly isClosed: () => boolean
  readonly close: () => void
}

/** Connects without a word. */
export async function dial(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
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
  return {
    socket,
    heard,
    send: packet => socket.write(generate(packet)),
    isClosed: () => isClosed,
    close: () => socket.destroy()
  }
}

/** Connects and waits for CONNACK. */
export async function greet(
  port: number,
  hello: Partial<IConnectPacket> & { readonly clientId: string }
): Promise<RawClient> {
  const client = await dial(port)
  client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, ...hello })
  await until(() => client.heard.length > 0 || client.isClosed())
  return client
}

export async function subscribe(
  client: RawClient,
  ...filters: readonly (readonly [filter: string, qos: 0 | 1 | 2])[]
): Promise<void> {
  const messageId = 1
  const subscriptions = filters.map(([topic, qos]) => ({ topic, qos }))
  const subacks = () => client.heard.filter(({ cmd }) => cmd === 'suback').length
  const before = subacks()
  client.send({ cmd: 'subscribe', messageId, subscriptions })
  await until(() => subacks() > before)
}

export const published = (client: RawClient) =>
  client.heard.flatMap(packet => (packet.cmd === 'publish' ? [packet] : []))

export const payloads = (client: RawClient): string[] =>
  published(client).map(({ payload }) => String(payload))

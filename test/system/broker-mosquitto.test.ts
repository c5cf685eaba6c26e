/** Programs that stall keepers have already: mosquitto's own clients on the local tree. */
import { execFile, spawn, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { openBroker } from '../../broker/broker.ts'
import { openTree } from '../../broker/tree.ts'
import { item, sold, stallWith } from '../broker/stalls.ts'
import { suite } from '../harness.ts'
import { until } from '../wait.ts'

const isMissing = spawnSync('mosquitto_sub', ['--help']).error !== undefined
const missing = isMissing && 'mosquitto-clients (apt-get install mosquitto-clients)'

suite("mosquitto's clients", test => {
  test.needs(missing, 'see what is retained, a sale, and the goodbye', async () => {
    const broker = await openBroker({ port: 0 })
    const apple = item('apple', 60, 12)
    const tree = openTree({ broker, id: 's1', stall: stallWith([apple]) })
    const where = ['-h', '127.0.0.1', '-p', String(broker.port)]
    const program = spawn('mosquitto_sub', [...where, '-q', '1', '-t', 'stall/#', '-v'])
    let said = ''
    program.stdout.on('data', bytes => {
      said += String(bytes)
    })
    try {
      await until(() => said.includes('stall/s1/$state ready\n'))
      assert.match(said, 'stall/s1/price/apple {"sku":"apple","name":"Nice apple","price":60')
      assert.match(said, 'stall/s1/stock/apple {"sku":"apple","name":"Nice apple","stock":12}')
      tree.turn({ entries: [sold(5)], stall: stallWith([{ ...apple, stock: 10 }]) })
      await until(() => /stall\/s1\/sale \{.*"total":120.*\}\n/.test(said))
      await until(() => said.includes('"stock":10}\n'))
      tree.close()
      await broker.close()
      await until(() => said.includes('stall/s1/$state disconnected\n'))
    } finally {
      program.kill()
      await broker.close()
    }
  })

  test.needs(missing, 'may publish beside the tree and not into it', async () => {
    const broker = await openBroker({ port: 0 })
    const heard: string[] = []
    broker.subscribe('#', ({ topic, payload }) => heard.push(`${topic} ${payload}`))
    const publish = (topic: string) =>
      promisify(execFile)('mosquitto_pub', [
        ...['-h', '127.0.0.1', '-p', String(broker.port)],
        ...['-q', '1', '-t', topic, '-m', '1']
      ])
    try {
      await publish('zigbee2mqtt/door')
      const isRefused = await publish('stall/s1/price/apple').then(
        () => false,
        () => true
      )
      assert.ok(isRefused, 'mosquitto_pub ends with an error')
      assert.equal(heard, ['zigbee2mqtt/door 1'])
    } finally {
      await broker.close()
    }
  })
})

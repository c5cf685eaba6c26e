import * as assert from 'uvu/assert'
import { Fault } from '../../node/core/ports.ts'
import { meshHealth } from '../../node/mesh/health.ts'
import type { MeshView } from '../../node/mesh/mesh.ts'
import { suite } from '../harness.ts'

const address = { host: '10.0.0.9', port: 8883 }
const network = (at: string) => ({ name: 'eth0', address: at, problem: undefined })
const alone = (networks: readonly string[]): MeshView => ({
  links: [],
  sync: { peers: [], refusals: {}, inboxBytes: 0, freshBytes: 0, claims: 0 },
  discovery: { networks: networks.map(network), sightings: [], ignored: 0 },
  faults: [],
  copies: []
})
const link = { peer: 's2', host: '10.0.0.2', isDialled: true, ageMs: 5 }
const view = alone(['127.0.0.1', '10.0.0.1'])

suite("the mesh's health", test => {
  test('says how many are in touch, and that alone is no fault', () => {
    assert.is(
      meshHealth({ ...view, links: [link] }).sentence,
      'In touch with 1 stall of the market.'
    )
    assert.equal(
      [meshHealth(view).state, meshHealth(view).sentence],
      ['up', 'No other stall is in reach; this one sells alone.']
    )
  })

  test('asks for the cable where there is no network', () => {
    const { state, fix } = meshHealth(alone(['127.0.0.1']))
    assert.equal([state, fix], ['degraded', "Plug in the cable, or join the market's Wi-Fi."])
  })

  test('gives the newest reason why nobody is linked', () => {
    const words = { code: 'peer-silent', message: 'It does not answer.', fix: 'Wait.' }
    const fault = new Fault({ ...words, isRetryable: true })
    const { sentence, fix } = meshHealth({ ...view, faults: [{ address, fault }] })
    assert.match(sentence, 'sells alone. It does not answer.')
    assert.is(fix, 'Wait.')
  })

  test('shows a copy of this very stall before anything else', () => {
    const { state, sentence } = meshHealth({ ...view, links: [link], copies: [address] })
    assert.equal([state, sentence.includes('10.0.0.9')], ['degraded', true])
  })
})

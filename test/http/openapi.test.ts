import { readFileSync, writeFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { openApi } from '../../node/http/openapi.ts'
import { routes } from '../../node/http/routes.ts'
import { suite } from '../harness.ts'
import { valueAt } from './ask.ts'

const COMMITTED = new URL('../../../node/http/openapi.json', import.meta.url)
const HOW = 'Run this test with UPDATE_OPENAPI=1 and read the change'

suite('openapi', test => {
  const document: unknown = JSON.parse(JSON.stringify(openApi(routes)))

  test('the committed document is what the route table says', () => {
    if (process.env['UPDATE_OPENAPI'] === '1') {
      writeFileSync(COMMITTED, `${JSON.stringify(document, null, 2)}\n`)
    }
    assert.equal(JSON.parse(readFileSync(COMMITTED, 'utf8')), document, HOW)
  })

  test('every row is there with its role, its body and its bad news', () => {
    for (const { method, path, role } of routes) {
      const row = Object(valueAt(document, '.paths'))[path][method.toLowerCase()]
      assert.is(row['x-role'], role)
    }
    const sell = Object(valueAt(document, '.paths'))['/api/v1/sales'].post
    assert.is(sell.operationId, 'postSales')
    assert.ok(sell.parameters.some(({ name }: { name: string }) => name === 'Idempotency-Key'))
    assert.match(sell.responses[409].description, '`different-sale`')
    assert.match(sell.responses[422].description, '`not-paid`')
    assert.match(sell.responses[425].description, '`under-way`')
    const shape = sell.requestBody.content['application/json'].schema
    assert.equal(shape.required, ['lines', 'tenders'])
    assert.is(shape.properties.tenders.items.properties.amount.type, 'integer')
    assert.is(shape.additionalProperties, false)
  })

  test('no two calls have one name', () => {
    const names = Object.values(Object(valueAt(document, '.paths'))).flatMap(row =>
      Object.values(Object(row)).map(call => Object(call).operationId)
    )
    assert.is(new Set(names).size, routes.length)
  })
})

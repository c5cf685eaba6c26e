import * as v from 'valibot'
import { DEVICE_ROLES, type DeviceView, type Reading, SIM_FAULTS } from '../core/device.ts'
import { deviceFacts } from '../core/devicefacts.ts'
import { worstDevicesFirst } from '../core/health.ts'
import { HEALTH_STATES } from '../core/ports.ts'
import { problem } from './problem.ts'
import { route } from './route.ts'
import * as shapes from './shapes.ts'
import { placeIn } from './submitted.ts'
import { WISH_ERRORS, wished } from './wished.ts'

const Fault = v.picklist(SIM_FAULTS)

/** A record, so that the compiler misses a kind which is left out. */
const READING_KINDS: Readonly<Record<Reading['kind'], true>> = {
  footfall: true,
  presence: true,
  scan: true,
  weight: true,
  button: true,
  light: true,
  energy: true,
  power: true,
  clock: true
}

const Device = v.object({
  name: v.string(),
  role: v.picklist(DEVICE_ROLES),
  driver: v.string(),
  state: v.picklist(HEALTH_STATES),
  sentence: v.string(),
  do: v.string(),
  since: shapes.Time,
  restarts: shapes.Count,
  reading: v.nullable(
    v.pipe(
      v.looseObject({ kind: v.picklist(Object.keys(READING_KINDS)) }),
      v.description('The newest thing that it said; its other fields follow from its kind.')
    )
  ),
  reading_text: v.nullable(v.string()),
  read_at: v.nullable(shapes.Time),
  simulated: v.nullable(v.object({ faults: v.array(Fault), fault: v.nullable(Fault) }))
})

const TillName = v.strictObject({ till: shapes.TillName })
const Opened = v.object({ entry: v.nullable(shapes.EntryPlace) })

export const deviceRoutes = [
  route({
    method: 'GET',
    path: '/api/v1/devices',
    role: 'technician',
    summary: 'How each device is, what it said last and what to do about it, worst first',
    reply: { 200: v.object({ devices: v.array(Device) }) },
    errors: [],
    handle: (_, { devices }) => ({
      status: 200,
      json: { devices: worstDevicesFirst(devices.view()).map(deviceJson) }
    })
  }),
  route({
    method: 'POST',
    path: '/api/v1/devices/{name}/fault',
    role: 'technician',
    summary: 'Gives a simulated device a fault, or null to end it',
    params: v.strictObject({ name: shapes.text(64) }),
    body: v.strictObject({ fault: v.nullable(Fault) }),
    reply: { 200: v.object({ fault: v.nullable(Fault) }) },
    errors: ['unknown-device', 'not-simulated', 'unknown-fault'],
    handle: ({ params: { name }, body }, { devices }) => {
      const device = devices.view().find(each => each.name === name)
      if (!device) return problem('unknown-device')
      if (!device.simulated) return problem('not-simulated')
      return devices.setFault(name, body.fault)
        ? { status: 200, json: body }
        : problem('unknown-fault')
    }
  }),
  route({
    method: 'POST',
    path: '/api/v1/scans/claim',
    role: 'helper',
    summary: 'Somebody touches this till: what the stall’s scanners read belongs to it from now on',
    body: TillName,
    reply: { 200: TillName },
    errors: ['unknown-till'],
    handle: ({ body }, { live }) =>
      live.claimScans(body.till) ? { status: 200, json: body } : problem('unknown-till')
  }),
  route({
    method: 'POST',
    path: '/api/v1/drawer/open',
    role: 'helper',
    summary: 'Opens the cash drawer without a sale; the reason stands in the ledger',
    isIdempotent: true,
    body: v.strictObject({ reason: shapes.text(200) }),
    reply: { 201: Opened, 200: Opened },
    errors: ['no-drawer', 'reason-missing', 'busy', ...WISH_ERRORS],
    handle: (call, shop) => {
      if (!shop.hasDrawer) return problem('no-drawer')
      return wished(call, shop, {
        command: { type: 'openDrawer', ...call.body },
        asked: { type: 'drawerOpened', ...call.body },
        say: entries => ({ status: 201, json: { entry: placeIn(entries, 'drawerOpened') } })
      })
    }
  })
]

const deviceJson = (view: DeviceView) => ({ ...deviceFacts(view), do: view.health.fix })

import { useState } from 'preact/hooks'
import type { DeviceView, SimFault } from '../../core/device.ts'
import { ageWords, FAULT_WORDS, nameWords, STATE_WORDS } from '../../core/devicewords.ts'
import { worstDevicesFirst } from '../../core/health.ts'
import { readingWords } from '../../core/readingwords.ts'
import { MARKS, Trouble, useAsk } from './sheet-parts.tsx'
import { useTill } from './use.ts'

/** How each device is, what it said last, and what to do; of simulated ones also what may break. */
export function Devices() {
  const { words, live } = useTill()
  const { send, trouble } = useAsk()
  const devices = live.view.value?.devices ?? []
  // Put in order once: a row that jumped up would lie under a finger that aims at another.
  const [order] = useState(() => worstDevicesFirst(devices).map(({ name }) => name))
  const isLive = live.link.value.state === 'live'
  const setFault = (name: string, fault: SimFault | null) =>
    send({ method: 'POST', path: `/api/v1/devices/${name}/fault`, body: { fault } })
  return (
    <>
      {devices.length === 0 && <p class="about">{words.devices.none}</p>}
      {!isLive && <p class="about strongly">{words.devices.asOf}</p>}
      <Trouble text={trouble.value} />
      <ul class="devices">
        {devices
          .toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
          .map(device => (
            <Device key={device.name} device={device} setFault={setFault} />
          ))}
      </ul>
    </>
  )
}

interface RowProps {
  readonly device: DeviceView
  readonly setFault: (name: string, fault: SimFault | null) => void
}

function Device({ device, setFault }: RowProps) {
  const { words, stallNow, sheet } = useTill()
  const { name, role, health, since, restarts, reading, readAt, simulated } = device
  const age = (from: number) => ageWords(stallNow.value - from)
  return (
    <li class={health.state}>
      <h3>
        <span aria-hidden="true">{MARKS[health.state]}</span> {nameWords(name)}
        {simulated && <small> {words.devices.simulated}</small>}
      </h3>
      <div class={simulated ? 'room' : ''}>
        <p>
          <b>{STATE_WORDS[health.state]}</b> {words.devices.since(age(since))}
          {restarts > 0 && ` · ${words.devices.restarts(restarts)}`}
        </p>
        {/* "Works." is what the state says already. */}
        {health.sentence !== `${STATE_WORDS.up}.` && <p>{health.sentence}</p>}
        {health.fix && (
          <p>
            <b>{words.devices.do}</b> {health.fix}
          </p>
        )}
        {reading && readAt !== null && (
          <p class="about">
            {readingWords(reading)} · {words.devices.ago(age(readAt))}
          </p>
        )}
      </div>
      {role === 'printer' && (
        <button
          type="button"
          class="wide"
          onClick={() => {
            sheet.value = { name: 'printer' }
          }}
        >
          {words.devices.receipts}
        </button>
      )}
      {simulated && <Faults name={name} simulated={simulated} setFault={setFault} />}
    </li>
  )
}

function Faults({
  name,
  simulated: { faults, fault },
  setFault
}: Pick<RowProps, 'setFault'> & {
  readonly name: string
  readonly simulated: NonNullable<DeviceView['simulated']>
}) {
  const { words } = useTill()
  return (
    <details open={fault !== null}>
      <summary>{words.devices.tryIt}</summary>
      <div class="choice">
        {faults.map(each => (
          <button
            type="button"
            key={each}
            aria-pressed={each === fault}
            onClick={() => setFault(name, each)}
          >
            {FAULT_WORDS[each]}
          </button>
        ))}
        <button type="button" disabled={fault === null} onClick={() => setFault(name, null)}>
          {words.devices.allWell}
        </button>
      </div>
    </details>
  )
}

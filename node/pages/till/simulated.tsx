import type { SimFault } from '../../core/device.ts'
import { FAULT_WORDS } from '../../core/devicewords.ts'
import { Roll } from './roll.tsx'
import { Trouble, useAsk } from './sheet-parts.tsx'
import { useTill } from './use.ts'

/** What goes wrong most; the devices' sheet has the rest. Null ends it and puts a new roll in. */
const FAULTS: readonly (SimFault | null)[] = ['paper-out', 'cover-open', 'unplug', null]

/**
 * The simulated printer: its paper, and what goes wrong with a real one on a bad night. There from
 * the first moment, so that a newcomer finds it before the first sale.
 */
export function Simulated({ isAside = false }: { readonly isAside?: boolean }) {
  const { words, live } = useTill()
  const { send, trouble } = useAsk()
  if (live.paper.value === null) return null
  const { name } = live.view.value?.devices.find(({ role }) => role === 'printer') ?? {}
  const path = `/api/v1/devices/${name}/fault`
  return (
    <section class={`simulated ${isAside ? 'aside' : ''}`} aria-label={words.printer.title}>
      <Roll lines={live.paper.value} />
      {!isAside && <p class="about">{words.printer.simulated}</p>}
      <div class="kinds">
        {FAULTS.map(fault => (
          <button
            type="button"
            key={fault ?? 'none'}
            onClick={() => send({ method: 'POST', path, body: { fault } })}
          >
            {fault === null ? words.printer.allWell : FAULT_WORDS[fault]}
          </button>
        ))}
      </div>
      {trouble.value !== '' && <Trouble text={trouble.value} />}
    </section>
  )
}

import { Roll } from './roll.tsx'
import { Trouble, useAsk } from './sheet-parts.tsx'
import { useTill } from './use.ts'

/** What can be played through on a simulated printer; null ends it and puts a new roll in. */
const FAULTS = ['paper-out', 'cover-open', 'disconnected', null] as const

/**
 * The simulated printer: its paper, and what goes wrong with a real one on a bad night. There from
 * the first moment, so that a newcomer finds it before the first sale.
 */
export function Simulated({ isAside = false }: { readonly isAside?: boolean }) {
  const { words, live } = useTill()
  const { send, trouble } = useAsk()
  if (live.paper.value === null) return null
  return (
    <section class={`simulated ${isAside ? 'aside' : ''}`} aria-label={words.printer.title}>
      <Roll lines={live.paper.value} />
      {!isAside && <p class="about">{words.printer.simulated}</p>}
      <div class="kinds">
        {FAULTS.map(fault => (
          <button
            type="button"
            key={fault ?? 'none'}
            onClick={() => send({ method: 'POST', path: '/api/v1/sim/printer', body: { fault } })}
          >
            {words.printer.faults[fault ?? 'none']}
          </button>
        ))}
      </div>
      {trouble.value !== '' && <Trouble text={trouble.value} />}
    </section>
  )
}

import type { PrintJob } from '../../core/ports.ts'
import { Title, Trouble, useAsk } from './sheet-parts.tsx'
import { Simulated } from './simulated.tsx'
import { useTill } from './use.ts'

/** What waits for paper, what may not have come out, and the simulated printer's paper. */
export function PrinterSheet() {
  const { words, live } = useTill()
  const { send, trouble, isBusy } = useAsk()
  const { health, jobs } = live.view.value?.printing ?? { health: null, jobs: [] }
  const unknown = jobs.filter(job => job.state === 'unknown')
  const answer = async (outcome: 'seen' | 'skipped') => {
    for (const { sale, copy } of unknown) {
      const path = `/api/v1/sales/${sale}/print-outcome`
      const reply = await send({ method: 'POST', path, body: { copy, outcome } })
      if (reply.state !== 'done') return
      // A new copy is printed only once the old one is settled, so it never comes out twice.
      if (outcome === 'skipped') {
        await send({ method: 'POST', path: `/api/v1/sales/${sale}/copy`, body: {} })
      }
    }
  }
  return (
    <>
      <Title text={words.printer.title} />
      {health && (
        <p class={`about ${health.state === 'up' ? '' : 'strongly'}`}>
          {health.sentence} {health.fix}
        </p>
      )}
      {unknown.length > 0 && (
        <div class="kinds">
          <button
            type="button"
            class="strong"
            disabled={isBusy.value}
            onClick={() => answer('skipped')}
          >
            {words.printAgain}
          </button>
          <button type="button" disabled={isBusy.value} onClick={() => answer('seen')}>
            {words.printer.cameOut}
          </button>
        </div>
      )}
      <ul class="rows">
        {jobs.map(job => (
          <li key={`${job.sale} ${job.copy}`}>
            <span>
              {words.printer.number(job.number, job.copy)}
              <small>{words.printer[job.state satisfies PrintJob['state']]}</small>
            </span>
          </li>
        ))}
      </ul>
      <Trouble text={trouble.value} />
      <Simulated />
    </>
  )
}

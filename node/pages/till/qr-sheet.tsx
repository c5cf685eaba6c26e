import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { readBooked } from './paid.ts'
import { Title, Trouble, useAsk } from './sheet-parts.tsx'
import { useTill } from './use.ts'

/** The receipt for a customer's camera, where paper is out or not wanted. */
export function QrSheet({ sale, number }: { readonly sale: string; readonly number: string }) {
  const { words, booked } = useTill()
  const { send, trouble } = useAsk()
  const drawn = useSignal<readonly (readonly boolean[])[]>([])
  const said = useSignal('')
  useEffect(() => {
    const draw = async (data: string) => {
      // Drawing costs 8 KB of script, and few customers ask: it comes when it is needed.
      const { qrModules } = await import('./qr.ts')
      drawn.value = qrModules(data)
      said.value = data
    }
    const known = booked.value.get(sale)?.qr
    if (known) void draw(known)
    else
      void send({ method: 'GET', path: `/api/v1/sales/${sale}` }).then(reply => {
        const { qr } = readBooked(reply.state === 'done' ? reply.body : null)
        if (qr !== '') void draw(qr)
      })
  }, [])
  const size = drawn.value.length
  const sample = sampleProof(said.value)
  return (
    <>
      <Title text={number} />
      {size > 0 ? (
        <svg class="qr" viewBox={`-4 -4 ${size + 8} ${size + 8}`} role="img" aria-label={words.qr}>
          <path d={pathOf(drawn.value)} />
        </svg>
      ) : (
        <p class="about">{words.sales.noQr}</p>
      )}
      {sample === null ? (
        <p class="about">{words.sales.qrWhat}</p>
      ) : (
        <p class="about">
          {words.sales.qrSample}{' '}
          <a href={`/r${sample}`} target="_blank" rel="noreferrer">
            {words.sales.qrCheck}
          </a>
        </p>
      )}
      <Trouble text={trouble.value} />
    </>
  )
}

const pathOf = (rows: readonly (readonly boolean[])[]): string =>
  rows
    .flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
    .join('')

/** A sample stall's market has no host of its own, so its codes lead nowhere but to this box. */
function sampleProof(data: string): string | null {
  if (!URL.canParse(data)) return null
  const { hostname, hash } = new URL(data)
  return hostname.startsWith('dev.') ? hash : null
}

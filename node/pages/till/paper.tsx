import { useLayoutEffect, useRef } from 'preact/hooks'
import { useTill } from './use.ts'

/** Narrower paper would print letters too large to look like a receipt. */
const COLUMNS_MIN = 32

/** The simulated printer's roll, newest at the bottom, as it would hang out of a real one. */
export function Paper({ isAside = false }: { readonly isAside?: boolean }) {
  const { live, words } = useTill()
  const roll = useRef<HTMLPreElement>(null)
  const lines = live.paper.value
  useLayoutEffect(() => {
    if (roll.current) roll.current.scrollTop = roll.current.scrollHeight
  }, [lines])
  if (lines === null || (isAside && lines.length === 0)) return null
  const columns = Math.max(COLUMNS_MIN, ...lines.map(line => line.length))
  return (
    // A long roll scrolls, so it must be reachable by keyboard (WCAG 2.1.1).
    <section class={`paper ${isAside ? 'aside' : ''}`} aria-label={words.paper}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is a tab stop */}
      <pre ref={roll} tabIndex={0} style={{ '--columns': columns }}>
        {lines.length === 0 ? words.printer.noPaper : lines.join('\n')}
      </pre>
    </section>
  )
}

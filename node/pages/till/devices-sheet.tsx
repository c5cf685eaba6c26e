import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Title, Trouble } from './sheet-parts.tsx'
import { useTill } from './use.ts'

/** The stall's devices. Nobody opens them before the first sale, so their script comes later. */
export function DevicesSheet() {
  const { words } = useTill()
  const devices = useSignal<typeof import('./devices.tsx') | null>(null)
  const trouble = useSignal('')
  useEffect(() => {
    import('./devices.tsx').then(
      loaded => {
        devices.value = loaded
      },
      () => {
        trouble.value = words.away
      }
    )
  }, [])
  return (
    <>
      <Title text={words.devices.title} />
      {devices.value && <devices.value.Devices />}
      <Trouble text={trouble.value} />
    </>
  )
}

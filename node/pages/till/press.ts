import { useRef } from 'preact/hooks'

const LONG_PRESS_MS = 450
/** A thumb that wanders further than this is scrolling. */
const WANDER_PX_MAX = 10

interface Held {
  readonly timer: ReturnType<typeof setTimeout>
  readonly x: number
  readonly y: number
}

/** A tap, or a finger that stays. The keyboard's menu key is a finger that stays. */
export function useLongPress(on: {
  readonly onPress: () => void
  readonly onLongPress: () => void
}) {
  const held = useRef<Held | null>(null)
  const wasLong = useRef(false)
  const release = () => {
    if (held.current) clearTimeout(held.current.timer)
    held.current = null
  }
  const long = () => {
    if (held.current) swallowClick()
    release()
    wasLong.current = true
    on.onLongPress()
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      wasLong.current = false
      if (event.button !== 0) return
      release()
      held.current = { timer: setTimeout(long, LONG_PRESS_MS), x: event.clientX, y: event.clientY }
    },
    onPointerMove: (event: PointerEvent) => {
      const { x, y } = held.current ?? { x: event.clientX, y: event.clientY }
      if (Math.hypot(event.clientX - x, event.clientY - y) > WANDER_PX_MAX) release()
    },
    onPointerUp: release,
    onPointerCancel: release,
    onPointerLeave: release,
    onContextMenu: (event: Event) => {
      event.preventDefault()
      // A finger that stays is told twice: by the timer and by the browser.
      if (!wasLong.current) long()
      wasLong.current = false
    },
    onClick: on.onPress
  }
}

/**
 * What opens under a finger gets the click of its release: without this the sheet would sell the
 * number below the finger, or shut itself. A keyboard's click (`detail` 0) is never a release.
 */
function swallowClick(): void {
  const swallow = (event: MouseEvent) => {
    stop()
    if (event.detail === 0) return
    event.preventDefault()
    event.stopPropagation()
  }
  const stop = () => {
    document.removeEventListener('click', swallow, true)
    document.removeEventListener('pointerdown', stop, true)
  }
  document.addEventListener('click', swallow, true)
  document.addEventListener('pointerdown', stop, true)
}

/** Preloaded with `gpiosim.c`: a flood as fast as it should be drained, then edges by ones. */
import { flood } from '../gpio/flood.ts'
import { openPreloaded } from '../gpio/preloaded.ts'
import { quantile } from './measure.ts'

const chip = { name: 'gpiochip0', label: 'pinctrl-test' }
const { gpio, wires } = await openPreloaded(process.env['GPIOSIM_CONTROL'] ?? '')
const whole = await flood({ gpio, wires, chip, count: 100_000, gapUs: 10 })
const single = await flood({ gpio, wires, chip, count: 1_000, gapUs: 1_000 })
wires.close()
console.log(
  JSON.stringify({
    perSecond: whole.told / whole.seconds,
    lost: whole.lost,
    unaccounted: 100_000 - whole.told - whole.lost,
    p50Us: quantile(single.delaysUs, 0.5),
    p99Us: quantile(single.delaysUs, 0.99)
  })
)

import * as assert from 'uvu/assert'
import { suite } from '../harness.ts'
import { makeImage, whatPiNeeds } from '../pi/image.ts'
import { onPi } from '../pi/machine.ts'
import { until } from '../wait.ts'

const needs = await whatPiNeeds()
const image = needs === false ? await makeImage() : { kernel: '', memory: '' }

suite(
  'a Pi',
  test => {
    test.needs(needs, "is Debian's own: kernel, Node, and a chip with wires to here", () =>
      onPi(image, async pi => {
        assert.match(await pi.run('uname -srvm'), /^Linux 6\.12.* Debian .*aarch64$/)
        assert.match(await pi.run('node --version'), /^v20\.19\./)
        assert.match(await pi.run('gpiodetect'), /\[9030000\.pl061\] \(8 lines\)/)
        // libgpiod's own programs, which share nothing with this project.
        pi.start("gpiomon --banner --num-events=4 --format='%e of line %o' -c gpiochip0 0 1")
        await pi.says(/^Monitoring lines/)
        for (const [line, isHigh] of [
          [0, true],
          [1, true],
          [1, false],
          [0, false]
        ] as const) {
          await pi.pins.set(line, isHigh)
          await pi.says(new RegExp(`^${isHigh ? 1 : 2} of line ${line}$`))
        }
        pi.start('gpioset -c gpiochip0 6=1')
        await until(() => pi.pins.output(6) === true)
      })
    )
  },
  { stepMs: 120_000 }
)

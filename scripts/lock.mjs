// Writes package-lock.json, whole on every platform. A registry that mirrors only some platforms'
// binaries makes npm leave the others out of the lockfile, and `npm ci` then refuses it
// everywhere. Here they are named again by version, system and processor; npm passes over them
// where they do not fit.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const SYSTEM = 'android|darwin|freebsd|linux|openharmony|win32|wasm32'
const PROCESSOR = 'arm64|arm|ia32|x64|s390x|ppc64|riscv64|wasi'
const NAME = new RegExp(`(${SYSTEM})-?(${PROCESSOR})?`)

execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {
  stdio: 'inherit'
})
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(
    path === '' ? {} : (entry.optionalDependencies ?? {})
  )) {
    const [, os, cpu] = NAME.exec(name.replace(/.*\//, '')) ?? []
    if (lock.packages[`node_modules/${name}`] || !os || !/^\d/.test(version)) continue
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os: [os],
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(name.endsWith('musl') ? { libc: ['musl'] } : {})
    }
    console.log(`Named ${name}@${version}`)
  }
}
const paths = Object.keys(lock.packages).toSorted()
lock.packages = Object.fromEntries(paths.map(path => [path, lock.packages[path]]))
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)

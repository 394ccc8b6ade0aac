/** Prints what each entry costs a page: bundled, minified, compressed. */
import { measureEntries } from './entry-sizes.ts'

for (const { entry, bytes, budget } of await measureEntries()) {
  console.info(`${entry.padEnd(8)} ${String(bytes).padStart(5)} of ${budget} bytes`)
}

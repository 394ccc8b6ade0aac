// Runs every scenario, here or in a page.
import { closes } from './closes.js'
import { cuts } from './cuts.js'
import { gaps } from './gaps.js'
import type { Place } from './place.js'
import { slow } from './slow.js'
import { tokens } from './tokens.js'

const scenarios = { cuts, gaps, tokens, closes, slow }

export async function all(place: Omit<Place, 'name'>, runner: string) {
  const told: Record<string, unknown> = {}
  for (const [name, scenario] of Object.entries(scenarios)) {
    told[name] = await scenario({ ...place, name: `${runner}-${name}` })
  }
  return told
}

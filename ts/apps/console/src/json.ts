import type { JsonValue } from '#api/types.ts'

/** A JSON object; its keys are data and are never renamed. */
export type JsonObject = { readonly [name: string]: JsonValue }

/** Tells an object with members from an array, null and every other value. */
export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tells a list from every other value. */
export function isJsonList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
